'use client'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Instant } from '@/components/portal/instant'
import { AppLink } from '@/components/ui/app-link'
import { Loaded } from '@/components/ui/loaded'
import { PermissionButton } from '@/components/ui/permission-button'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { Section } from '@/components/ui/section'
import { EmptyState } from '@/components/ui/states'
import type { StoreRef } from '@/server/queries/key-stores'
import type { DeletedKeysView, DeletedKeyView } from '@/server/queries/keys'
import { deletedKeysQuery } from './keyvault-query'
import { PurgeKeyDialog } from './purge-key-dialog'
import { storeLinks } from './store-links'
import { StoreRefusal } from './store-refusal'
import { useRecoverKey } from './use-recover-key'

/** The soft-deleted keys of a store, to recover or to purge. */
export function DeletedKeys({ store, trustedBypass }: { store: StoreRef; trustedBypass: boolean }) {
  const query = useQuery(deletedKeysQuery(store))
  return (
    <Section title="Deleted keys">
      <Loaded query={query} label={`deleted keys of ${store.name}`}>
        {(view) =>
          view.refusal ? (
            <StoreRefusal store={store} refusal={view.refusal} trustedBypass={trustedBypass} />
          ) : (
            <Table store={store} view={view} />
          )
        }
      </Loaded>
    </Section>
  )
}

function Table({ store, view }: { store: StoreRef; view: DeletedKeysView }) {
  const [purging, setPurging] = useState<string | null>(null)
  const columns: TableColumn<DeletedKeyView>[] = [
    {
      id: 'name',
      label: 'Name',
      sortValue: (k) => k.name,
      render: (k) => <AppLink href={storeLinks(store).key(k.name)}>{k.name}</AppLink>,
    },
    {
      id: 'deleted',
      label: 'Deleted',
      sortValue: (k) => k.deletedAt,
      render: (k) => k.deletedAt && <Instant at={k.deletedAt} />,
    },
    {
      id: 'purge',
      label: 'Scheduled purge',
      sortValue: (k) => k.scheduledPurgeAt,
      render: (k) => k.scheduledPurgeAt && <Instant at={k.scheduledPurgeAt} />,
    },
    {
      id: 'actions',
      label: 'Actions',
      render: (k) => (
        <>
          <Recover store={store} name={k.name} permission={view.permissions.recover} />
          <PermissionButton
            size="small"
            appearance="subtle"
            permission={view.permissions.purge}
            onClick={() => setPurging(k.name)}
          >
            Purge
          </PermissionButton>
        </>
      ),
    },
  ]
  return (
    <>
      <ResourceTable
        label="deleted keys"
        rows={view.keys ?? undefined}
        rowId={(k) => k.name}
        columns={columns}
        searchText={(k) => k.name}
        defaultSort={{ column: 'name' }}
        empty={<EmptyState icon={<DeleteRegular />} title="No deleted keys" />}
      />
      {purging && <PurgeKeyDialog store={store} name={purging} onClose={() => setPurging(null)} />}
    </>
  )
}

function Recover(props: { store: StoreRef; name: string; permission: DeletedKeysView['permissions']['recover'] }) {
  const { run, busy } = useRecoverKey(props.store, props.name)
  return (
    <PermissionButton
      size="small"
      appearance="subtle"
      permission={props.permission}
      disabledReason={busy ? 'It is being recovered.' : null}
      onClick={() => void run()}
    >
      Recover
    </PermissionButton>
  )
}
