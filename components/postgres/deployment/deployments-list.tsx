'use client'
import { makeStyles } from '@fluentui/react-components'
import { RocketRegular } from '@fluentui/react-icons/svg/rocket'
import { useQuery } from '@tanstack/react-query'
import { errorText } from '@/components/portal/api'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Blade } from '@/components/ui/blade'
import { ButtonLink } from '@/components/ui/button-link'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import type { DeploymentRow } from '@/server/queries/deployments'
import { deploymentsQuery } from './deployment-query'
import { OperationBadge } from './status-looks'

const KINDS: Record<string, string> = {
  createServer: 'Create server',
  updateEncryption: 'Change data encryption',
  deleteServer: 'Delete server',
  stopServer: 'Stop server',
  startServer: 'Start server',
  restartServer: 'Restart server',
}
const kindLabel = (kind: string): string => KINDS[kind] ?? kind

export function DeploymentsList() {
  const { data, error, refetch } = useQuery(deploymentsQuery)
  return (
    <Blade
      title="Deployments"
      subtitle="Everything that was created, changed or deleted by a long operation"
      icon={<RocketRegular />}
      breadcrumb={[{ label: 'Home', href: paths.home() }]}
    >
      <ResourceTable
        label="deployments"
        rows={data}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(op) => op.id}
        columns={COLUMNS}
        searchText={(op) => [op.name, op.resourceName, op.resourceGroup, op.requestedBy].join(' ')}
        defaultSort={{ column: 'started', order: 'descending' }}
        empty={
          <EmptyState
            icon={<RocketRegular />}
            title="No deployments"
            text="Nothing was created yet, or the person you act as may read none of it."
            action={<ButtonLink href={paths.createPostgres()}>Create a server</ButtonLink>}
          />
        }
      />
    </Blade>
  )
}

const COLUMNS: TableColumn<DeploymentRow>[] = [
  {
    id: 'resource',
    label: 'Resource',
    sortValue: (op) => op.resourceName,
    nowrap: true,
    render: (op) => <AppLink href={paths.deployment(op.id)}>{op.resourceName}</AppLink>,
  },
  {
    id: 'kind',
    label: 'Operation',
    nowrap: true,
    sortValue: (op) => kindLabel(op.kind),
    filterValue: (op) => kindLabel(op.kind),
    render: (op) => kindLabel(op.kind),
  },
  {
    id: 'status',
    label: 'Status',
    sortValue: (op) => op.status,
    filterValue: (op) => op.status,
    render: (op) => <OperationBadge status={op.status} />,
  },
  {
    id: 'started',
    label: 'Started',
    sortValue: (op) => op.createdAt,
    render: (op) => <Instant at={op.createdAt} seconds />,
  },
  {
    id: 'group',
    label: 'Resource group',
    sortValue: (op) => op.resourceGroup,
    filterValue: (op) => op.resourceGroup,
    lowPriority: true,
    render: (op) => op.resourceGroup,
  },
  {
    id: 'by',
    label: 'Requested by',
    sortValue: (op) => op.requestedBy,
    lowPriority: true,
    render: (op) => op.requestedBy,
  },
  { id: 'name', label: 'Name', lowPriority: true, render: (op) => <LongName>{op.name}</LongName> },
]

const useStyles = makeStyles({
  name: { display: 'block', maxWidth: '220px', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
})

function LongName({ children }: { children: string }) {
  return (
    <span className={useStyles().name} title={children}>
      {children}
    </span>
  )
}
