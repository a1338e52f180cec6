'use client'
import { MessageBar, MessageBarActions, MessageBarBody, MessageBarTitle } from '@fluentui/react-components'
import { ArrowClockwiseRegular } from '@fluentui/react-icons/svg/arrow-clockwise'
import { ArrowDownloadRegular } from '@fluentui/react-icons/svg/arrow-download'
import { ArrowSyncRegular } from '@fluentui/react-icons/svg/arrow-sync'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { KeyRegular } from '@fluentui/react-icons/svg/key'
import { TimerRegular } from '@fluentui/react-icons/svg/timer'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { CheckCommand } from '@/components/monitor/check-fleet'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { Blade } from '@/components/ui/blade'
import { Command, CommandBar, CommandDivider, CommandLink } from '@/components/ui/command-bar'
import { Loaded } from '@/components/ui/loaded'
import { PermissionButton } from '@/components/ui/permission-button'
import type { StoreRef } from '@/server/queries/key-stores'
import type { DeletedKeyView, KeyPage as Page } from '@/server/queries/keys'
import { BackupDialog } from './backup-dialog'
import { DeleteKeyDialog } from './delete-key-dialog'
import { KeyDetails } from './key-details'
import { KeyStatusBadge } from './key-status-badge'
import { keyQuery } from './keyvault-query'
import { PurgeKeyDialog } from './purge-key-dialog'
import { RotateDialog } from './rotate-dialog'
import { RotationPane } from './rotation-pane'
import { storeLinks, storeNoun } from './store-links'
import { StoreRefusal } from './store-refusal'
import { useRecoverKey } from './use-recover-key'

type Open = 'rotate' | 'policy' | 'backup' | 'delete' | null

/** One key of a vault or an HSM: its versions, and who depends on them. */
export function KeyPage({ store, name, trustedBypass }: { store: StoreRef; name: string; trustedBypass: boolean }) {
  const query = useQuery(keyQuery(store, name))
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  const links = storeLinks(store)
  const page = query.data
  const dialog = { store, name, onClose: close }
  return (
    <Blade
      title={name}
      subtitle={`Key in the ${storeNoun(store)} ${store.name}`}
      icon={<KeyRegular />}
      breadcrumb={[
        { label: 'Home', href: paths.home() },
        links.list,
        { label: store.name, href: links.overview },
        { label: 'Keys', href: links.keys },
      ]}
      badge={page?.key && <KeyStatusBadge version={page.key} />}
      commands={
        page?.key && (
          <KeyCommands
            store={store}
            name={page.key.name}
            page={page}
            onOpen={setOpen}
            onRefresh={() => void query.refetch()}
          />
        )
      }
    >
      <Loaded query={query} label={`key ${name}`}>
        {(loaded) => {
          if (loaded.refusal)
            return <StoreRefusal store={store} refusal={loaded.refusal} trustedBypass={trustedBypass} />
          if (loaded.deleted) return <DeletedKey store={store} page={loaded} deleted={loaded.deleted} />
          return loaded.key && <KeyDetails store={store} page={loaded} keyView={loaded.key} />
        }}
      </Loaded>
      {page && open === 'rotate' && <RotateDialog {...dialog} page={page} />}
      {page && open === 'policy' && <RotationPane {...dialog} page={page} />}
      {open === 'backup' && <BackupDialog {...dialog} />}
      {page && open === 'delete' && <DeleteKeyDialog {...dialog} softDelete={page.softDelete} />}
    </Blade>
  )
}

function KeyCommands(props: {
  store: StoreRef
  name: string
  page: Page
  onOpen: (what: Open) => void
  onRefresh: () => void
}) {
  const { permissions, rotationPolicy } = props.page
  const needsPolicy = props.store.type === 'managedhsm' && permissions.rotate.allowed && !rotationPolicy
  return (
    <CommandBar>
      <Command
        icon={<ArrowSyncRegular />}
        permission={permissions.rotate}
        disabledReason={needsPolicy ? 'A managed HSM rotates only keys with a rotation policy. Set one first.' : null}
        onClick={() => props.onOpen('rotate')}
      >
        Rotate now
      </Command>
      <Command
        icon={<TimerRegular />}
        permission={permissions.setRotationPolicy}
        onClick={() => props.onOpen('policy')}
      >
        Rotation policy
      </Command>
      <Command icon={<ArrowDownloadRegular />} permission={permissions.backup} onClick={() => props.onOpen('backup')}>
        Download backup
      </Command>
      <Command icon={<DeleteRegular />} permission={permissions.remove} onClick={() => props.onOpen('delete')}>
        Delete
      </Command>
      {props.page.users.length > 0 && (
        <CheckCommand
          on={{ storeName: props.store.name, keyName: props.page.key?.name }}
          label="Check its servers now"
        />
      )}
      <Command icon={<ArrowClockwiseRegular />} onClick={props.onRefresh}>
        Refresh
      </Command>
      <CommandDivider />
      {props.store.type === 'vault' ? (
        <CommandLink href={paths.access(`${props.page.storeId}/keys/${props.name}`)}>Access control (IAM)</CommandLink>
      ) : (
        <CommandLink href={paths.hsmSection(props.store.name, 'roles')}>Local RBAC</CommandLink>
      )}
    </CommandBar>
  )
}

function DeletedKey({ store, page, deleted }: { store: StoreRef; page: Page; deleted: DeletedKeyView }) {
  const { run, busy } = useRecoverKey(store, deleted.name)
  const [purging, setPurging] = useState(false)
  const users = page.users.map((u) => u.server).join(', ')
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>This key is deleted.</MessageBarTitle>{' '}
          {deleted.deletedAt && (
            <>
              It was deleted on <Instant at={deleted.deletedAt} />
            </>
          )}
          {deleted.scheduledPurgeAt && (
            <>
              {' '}
              and can be recovered until <Instant at={deleted.scheduledPurgeAt} />
            </>
          )}
          . {users && `It wraps the data key of ${users}.`}
        </MessageBarBody>
        <MessageBarActions>
          <PermissionButton
            appearance="primary"
            permission={page.permissions.recover}
            disabledReason={busy ? 'It is being recovered.' : null}
            onClick={() => void run()}
          >
            Recover
          </PermissionButton>
          <PermissionButton permission={page.permissions.purge} onClick={() => setPurging(true)}>
            Purge
          </PermissionButton>
        </MessageBarActions>
      </MessageBar>
      {purging && <PurgeKeyDialog store={store} name={deleted.name} onClose={() => setPurging(false)} />}
    </>
  )
}
