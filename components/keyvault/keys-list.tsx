'use client'
import { AddRegular } from '@fluentui/react-icons/svg/add'
import { ArrowCounterclockwiseRegular } from '@fluentui/react-icons/svg/arrow-counterclockwise'
import { ArrowUploadRegular } from '@fluentui/react-icons/svg/arrow-upload'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { KeyRegular } from '@fluentui/react-icons/svg/key'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { Instant, RelativeTime } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { ButtonLink } from '@/components/ui/button-link'
import { Command, CommandBar, CommandLink } from '@/components/ui/command-bar'
import { Loaded } from '@/components/ui/loaded'
import { ResourceTable, type TableColumn } from '@/components/ui/resource-table'
import { EmptyState } from '@/components/ui/states'
import type { KeyView } from '@/server/keys/contract'
import type { StoreRef } from '@/server/queries/key-stores'
import type { KeysView } from '@/server/queries/keys'
import { keyKind } from './key-status'
import { KeyStatusBadge } from './key-status-badge'
import { keysQuery } from './keyvault-query'
import { storeLinks } from './store-links'
import { StoreRefusal } from './store-refusal'

/** The keys of a vault or an HSM. */
export function KeysList({ store, trustedBypass }: { store: StoreRef; trustedBypass: boolean }) {
  const query = useQuery(keysQuery(store))
  return (
    <Loaded query={query} label={`keys of ${store.name}`}>
      {(view) =>
        view.refusal ? (
          <StoreRefusal store={store} refusal={view.refusal} trustedBypass={trustedBypass} />
        ) : (
          <Keys store={store} view={view} />
        )
      }
    </Loaded>
  )
}

function Keys({ store, view }: { store: StoreRef; view: KeysView }) {
  const router = useRouter()
  const links = storeLinks(store)
  return (
    <>
      <CommandBar label="Key commands">
        <Command
          icon={<AddRegular />}
          permission={view.permissions.create}
          onClick={() => router.push(links.createKey)}
        >
          Generate
        </Command>
        <Command
          icon={<ArrowUploadRegular />}
          permission={view.permissions.import}
          onClick={() => router.push(links.createKeyBy('import'))}
        >
          Import
        </Command>
        <Command
          icon={<ArrowCounterclockwiseRegular />}
          permission={view.permissions.restore}
          onClick={() => router.push(links.createKeyBy('restore'))}
        >
          Restore backup
        </Command>
        <CommandLink icon={<DeleteRegular />} href={links.deletedKeys}>
          Manage deleted keys
        </CommandLink>
      </CommandBar>
      <ResourceTable
        label="keys"
        rows={view.keys ?? undefined}
        rowId={(key) => key.name}
        columns={columns(store, view.servers)}
        searchText={(key) => `${key.name} ${keyKind(key)}`}
        defaultSort={{ column: 'name' }}
        empty={
          <EmptyState
            icon={<KeyRegular />}
            title="No keys"
            text="A server with a customer-managed key needs an RSA key of 2048, 3072 or 4096 bits."
            action={view.permissions.create.allowed && <ButtonLink href={links.createKey}>Generate a key</ButtonLink>}
          />
        }
      />
    </>
  )
}

function columns(store: StoreRef, servers: KeysView['servers']): TableColumn<KeyView>[] {
  const links = storeLinks(store)
  const serversOf = (key: KeyView) => servers[key.name.toLowerCase()] ?? []
  return [
    {
      id: 'name',
      label: 'Name',
      sortValue: (k) => k.name,
      render: (k) => <AppLink href={links.key(k.name)}>{k.name}</AppLink>,
    },
    { id: 'status', label: 'Status', render: (k) => <KeyStatusBadge version={k} /> },
    { id: 'type', label: 'Key type', sortValue: keyKind, filterValue: keyKind, render: keyKind },
    {
      id: 'expires',
      label: 'Expiration date',
      sortValue: (k) => k.expires,
      render: (k) => (k.expires ? <Instant at={k.expires} /> : 'None'),
    },
    {
      id: 'rotation',
      label: 'Next rotation',
      sortValue: (k) => k.nextRotationAt,
      lowPriority: true,
      render: (k) => (k.nextRotationAt ? <RelativeTime at={k.nextRotationAt} /> : 'Not automatic'),
    },
    {
      id: 'versions',
      label: 'Versions',
      sortValue: (k) => k.versions.length,
      lowPriority: true,
      render: (k) => k.versions.length,
    },
    {
      id: 'servers',
      label: 'Servers',
      sortValue: (k) => serversOf(k).length,
      render: (k) =>
        serversOf(k).map((name, i) => (
          <span key={name}>
            {i > 0 && ', '}
            <AppLink href={paths.server(name)}>{name}</AppLink>
          </span>
        )),
    },
  ]
}
