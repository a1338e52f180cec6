'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { useQuery } from '@tanstack/react-query'
import { errorText } from '@/components/portal/api'
import { RelativeTime } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { KIND_ICONS } from '@/components/portal/resource-kinds'
import { AppLink } from '@/components/ui/app-link'
import { Blade } from '@/components/ui/blade'
import { ButtonLink } from '@/components/ui/button-link'
import { CommandBar, CommandLink } from '@/components/ui/command-bar'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { StateBadge } from '@/components/ui/state-badge'
import { EmptyState } from '@/components/ui/states'
import { regionDisplayName } from '@/server/kernel/regions'
import type { ServerView } from '@/server/postgres/contract'
import { serversQuery } from './server-query'

export const MODES = { SystemManaged: 'Service-managed key', AzureKeyVault: 'Customer-managed key' } as const

export function ServersList() {
  const { data, error, refetch } = useQuery(serversQuery)
  return (
    <Blade
      title="PostgreSQL servers"
      subtitle="Azure Database for PostgreSQL flexible server, simulated"
      icon={KIND_ICONS.server}
      breadcrumb={[{ label: 'Home', href: paths.home() }]}
      commands={
        <CommandBar>
          <CommandLink href={paths.createPostgres()} icon={<AddRegular />}>
            Create
          </CommandLink>
        </CommandBar>
      }
    >
      <ResourceTable
        label="servers"
        rows={data}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(s) => s.id}
        columns={COLUMNS}
        searchText={(s) => [s.name, s.resourceGroup, s.location, s.encryption.primary?.keyUri].join(' ')}
        defaultSort={{ column: 'name' }}
        empty={
          <EmptyState
            icon={KIND_ICONS.server}
            title="No servers"
            text="There is none yet, or the person you act as may read none."
            action={<ButtonLink href={paths.createPostgres()}>Create a server</ButtonLink>}
          />
        }
      />
    </Blade>
  )
}

const COLUMNS: TableColumn<ServerView>[] = [
  {
    id: 'name',
    label: 'Name',
    sortValue: (s) => s.name,
    render: (s) => <AppLink href={paths.server(s.name)}>{s.name}</AppLink>,
  },
  {
    id: 'state',
    label: 'Status',
    sortValue: (s) => s.state,
    filterValue: (s) => s.state,
    render: (s) => <StateBadge state={s.state} />,
  },
  {
    id: 'since',
    label: 'Since',
    sortValue: (s) => s.stateSince,
    lowPriority: true,
    render: (s) => <RelativeTime at={s.stateSince} />,
  },
  {
    id: 'mode',
    label: 'Data encryption',
    sortValue: (s) => s.encryption.type,
    filterValue: (s) => s.encryption.type,
    filterLabel: (v) => MODES[v as keyof typeof MODES],
    render: (s) => (
      <AppLink href={paths.serverDataEncryption(s.name)} aria-label={`Data encryption of ${s.name}`}>
        {MODES[s.encryption.type]}
      </AppLink>
    ),
  },
  {
    id: 'version',
    label: 'PostgreSQL',
    sortValue: (s) => Number(s.version),
    filterValue: (s) => s.version,
    lowPriority: true,
    render: (s) => s.version,
  },
  {
    id: 'location',
    label: 'Location',
    sortValue: (s) => s.location,
    filterValue: (s) => s.location,
    filterLabel: regionDisplayName,
    render: (s) => regionDisplayName(s.location),
  },
  {
    id: 'group',
    label: 'Resource group',
    sortValue: (s) => s.resourceGroup,
    filterValue: (s) => s.resourceGroup,
    lowPriority: true,
    render: (s) => s.resourceGroup,
  },
]
