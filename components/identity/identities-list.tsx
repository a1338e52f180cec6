'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { useQuery } from '@tanstack/react-query'
import { errorText } from '@/components/portal/api'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { KIND_ICONS } from '@/components/portal/resource-kinds'
import { AppLink } from '@/components/ui/app-link'
import { Blade } from '@/components/ui/blade'
import { ButtonLink } from '@/components/ui/button-link'
import { CommandBar, CommandLink } from '@/components/ui/command-bar'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { EmptyState } from '@/components/ui/states'
import type { IdentityView } from '@/server/identity/contract'
import type { DeletedIdentityView } from '@/server/identity/service'
import { regionDisplayName } from '@/server/kernel/regions'
import { identitiesQuery } from './identity-query'

export function IdentitiesList() {
  const { data, error, refetch } = useQuery(identitiesQuery)
  return (
    <Blade
      title="Managed identities"
      subtitle="User-assigned managed identities; servers use keys in their name"
      icon={KIND_ICONS.identity}
      breadcrumb={[{ label: 'Home', href: paths.home() }]}
      commands={
        <CommandBar>
          <CommandLink href={paths.createIdentity()} icon={<AddRegular />}>
            Create
          </CommandLink>
        </CommandBar>
      }
    >
      <ResourceTable
        label="managed identities"
        rows={data?.identities}
        error={errorText(error)}
        onRetry={() => void refetch()}
        rowId={(i) => i.id}
        columns={COLUMNS}
        searchText={(i) => `${i.name} ${i.resourceGroup} ${i.principalId} ${i.clientId}`}
        defaultSort={{ column: 'name' }}
        empty={
          <EmptyState
            icon={KIND_ICONS.identity}
            title="No managed identities"
            text="There is none yet, or the person you act as may read none."
            action={<ButtonLink href={paths.createIdentity()}>Create an identity</ButtonLink>}
          />
        }
      />
      {data && data.deleted.length > 0 && (
        <Section title="Deleted identities">
          <ResourceTable
            label="deleted identities"
            urlPrefix="d."
            rows={data.deleted}
            rowId={(d) => d.principalId}
            columns={DELETED_COLUMNS}
            defaultSort={{ column: 'deleted', order: 'descending' }}
            empty={null}
          />
        </Section>
      )}
    </Blade>
  )
}

const COLUMNS: TableColumn<IdentityView>[] = [
  {
    id: 'name',
    label: 'Name',
    sortValue: (i) => i.name,
    render: (i) => <AppLink href={paths.identity(i.principalId)}>{i.name}</AppLink>,
  },
  {
    id: 'group',
    label: 'Resource group',
    sortValue: (i) => i.resourceGroup,
    filterValue: (i) => i.resourceGroup,
    render: (i) => i.resourceGroup,
  },
  {
    id: 'location',
    label: 'Location',
    sortValue: (i) => regionDisplayName(i.location),
    filterValue: (i) => i.location,
    filterLabel: regionDisplayName,
    render: (i) => regionDisplayName(i.location),
  },
  { id: 'principal', label: 'Object (principal) ID', lowPriority: true, render: (i) => i.principalId },
  {
    id: 'created',
    label: 'Created',
    lowPriority: true,
    sortValue: (i) => i.createdAt,
    render: (i) => <Instant at={i.createdAt} />,
  },
]

const DELETED_COLUMNS: TableColumn<DeletedIdentityView>[] = [
  {
    id: 'name',
    label: 'Name',
    sortValue: (d) => d.name,
    render: (d) => <AppLink href={paths.identity(d.principalId)}>{d.name}</AppLink>,
  },
  { id: 'principal', label: 'Object (principal) ID', render: (d) => d.principalId },
  { id: 'deleted', label: 'Deleted', sortValue: (d) => d.deletedAt, render: (d) => <Instant at={d.deletedAt} /> },
]
