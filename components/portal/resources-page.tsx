'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { GridRegular } from '@fluentui/react-icons/svg/grid'
import { useQuery } from '@tanstack/react-query'
import { AppLink } from '@/components/ui/app-link'
import { Blade } from '@/components/ui/blade'
import { ButtonLink } from '@/components/ui/button-link'
import { CommandBar, CommandLink } from '@/components/ui/command-bar'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import type { ResourceKind, ResourceView } from '@/server/monitor/contract'
import { errorText } from './api'
import { RelativeTime } from './instant'
import { paths } from './paths'
import { hrefOfResourceView, KIND_ICONS, KIND_LABELS } from './resource-kinds'
import { ResourceState } from './resource-state'
import { resourcesQuery } from './shell-query'

const useStyles = makeStyles({
  name: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalS },
  icon: { display: 'flex', fontSize: '18px', color: tokens.colorBrandForeground1 },
})

/** A resource's name as a link, with the icon of its kind. */
export function ResourceName({ resource }: { resource: ResourceView }) {
  const styles = useStyles()
  return (
    <span className={styles.name}>
      <span className={styles.icon} aria-hidden="true">
        {KIND_ICONS[resource.kind]}
      </span>
      <AppLink href={hrefOfResourceView(resource)}>{resource.name}</AppLink>
    </span>
  )
}

const COLUMNS: TableColumn<ResourceView>[] = [
  { id: 'name', label: 'Name', sortValue: (r) => r.name, render: (r) => <ResourceName resource={r} /> },
  {
    id: 'type',
    label: 'Type',
    sortValue: (r) => KIND_LABELS[r.kind],
    filterValue: (r) => r.kind,
    filterLabel: (kind) => KIND_LABELS[kind as ResourceKind],
    render: (r) => KIND_LABELS[r.kind],
  },
  { id: 'state', label: 'State', sortValue: (r) => r.state, render: (r) => <ResourceState resource={r} /> },
  {
    id: 'group',
    label: 'Resource group',
    sortValue: (r) => r.resourceGroup,
    filterValue: (r) => r.resourceGroup,
    lowPriority: true,
    render: (r) => r.resourceGroup,
  },
  {
    id: 'region',
    label: 'Region',
    sortValue: (r) => r.region,
    filterValue: (r) => r.region,
    lowPriority: true,
    render: (r) => r.region,
  },
  {
    id: 'subscription',
    label: 'Subscription',
    sortValue: (r) => r.subscriptionName,
    lowPriority: true,
    render: (r) => r.subscriptionName,
  },
  {
    id: 'created',
    label: 'Created',
    sortValue: (r) => r.createdAt,
    lowPriority: true,
    render: (r) => <RelativeTime at={r.createdAt} />,
  },
]

/** All that the person may read, of every kind. */
export function ResourcesPage() {
  const { data, error, refetch } = useQuery(resourcesQuery)
  return (
    <Blade
      title="All resources"
      icon={<GridRegular />}
      breadcrumb={[{ label: 'Home', href: paths.home() }]}
      commands={
        <CommandBar>
          <CommandLink href={paths.createPostgres()} icon={<AddRegular />}>
            Create a server
          </CommandLink>
          <CommandLink href={paths.createVault()} icon={<AddRegular />}>
            Create a key vault
          </CommandLink>
        </CommandBar>
      }
    >
      <ResourceTable
        label="resources"
        rows={data}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(r) => r.id}
        columns={COLUMNS}
        searchText={(r) => [r.name, KIND_LABELS[r.kind], r.resourceGroup].join(' ')}
        defaultSort={{ column: 'name' }}
        empty={
          <EmptyState
            icon={<GridRegular />}
            title="No resources to show"
            text="There are none yet, or the person you act as may read none."
            action={<ButtonLink href={paths.createPostgres()}>Create a server</ButtonLink>}
          />
        }
      />
    </Blade>
  )
}
