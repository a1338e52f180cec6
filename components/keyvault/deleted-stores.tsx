'use client'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { EmptyState } from '@/components/ui/states'
import type { Permission } from '@/server/identity/contract'
import { DeletedStoreActions } from './deleted-store'

export type DeletedStoreRow = {
  id: string
  name: string
  deletedAt: string | null
  scheduledPurgeAt: string | null
  permissions: Record<'recover' | 'purge', Permission>
}

/** Where the list of deleted stores stands on its page. */
export const DELETED_STORES = 'deleted'

/** The soft-deleted vaults or HSMs, to recover or to purge. Their names stay taken until then. */
export function DeletedStores({ type, rows }: { type: 'vault' | 'managedhsm'; rows: DeletedStoreRow[] | undefined }) {
  const title = type === 'vault' ? 'Deleted vaults' : 'Deleted managed HSMs'
  return (
    <div id={DELETED_STORES}>
      <Section title={title}>
        <ResourceTable
          label={title.replace('Deleted', 'deleted')}
          urlPrefix="d."
          rows={rows}
          rowId={(s) => s.id}
          columns={type === 'vault' ? VAULT_COLUMNS : HSM_COLUMNS}
          defaultSort={{ column: 'name' }}
          empty={<EmptyState icon={<DeleteRegular />} title={`No ${title.replace('Deleted', 'deleted')}`} />}
        />
      </Section>
    </div>
  )
}

const columnsOf = (type: 'vault' | 'managedhsm'): TableColumn<DeletedStoreRow>[] => [
  {
    id: 'name',
    label: 'Name',
    sortValue: (s) => s.name,
    render: (s) => <AppLink href={type === 'vault' ? paths.vault(s.name) : paths.hsm(s.name)}>{s.name}</AppLink>,
  },
  {
    id: 'deleted',
    label: 'Deleted',
    sortValue: (s) => s.deletedAt,
    render: (s) => s.deletedAt && <Instant at={s.deletedAt} />,
  },
  {
    id: 'purgeAt',
    label: 'Scheduled purge',
    sortValue: (s) => s.scheduledPurgeAt,
    render: (s) => s.scheduledPurgeAt && <Instant at={s.scheduledPurgeAt} />,
  },
  {
    id: 'actions',
    label: 'Actions',
    render: (s) => <DeletedStoreActions small store={{ type, id: s.id, name: s.name }} permissions={s.permissions} />,
  },
]

const VAULT_COLUMNS = columnsOf('vault')
const HSM_COLUMNS = columnsOf('managedhsm')
