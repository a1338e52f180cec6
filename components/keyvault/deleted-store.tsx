'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { PermissionButton } from '@/components/ui/permission-button'
import { useAction } from '@/components/ui/use-action'
import { purgeHsm, recoverHsm } from '@/server/actions/hsms'
import { purgeVaultAction, recoverVaultAction } from '@/server/actions/vaults'
import type { Permission } from '@/server/identity/contract'
import { Impact } from './impact'

export type DeletedStore = { type: 'vault' | 'managedhsm'; id: string; name: string }

const useStyles = makeStyles({ row: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS } })

/** Buttons of a soft-deleted vault or HSM: it can be recovered, or destroyed after its name was typed. */
export function DeletedStoreActions(props: {
  store: DeletedStore
  permissions: Record<'recover' | 'purge', Permission>
  /** In a table's row. */
  small?: boolean
  onPurged?: () => void
}) {
  const styles = useStyles()
  const { store, permissions, small } = props
  const [purging, setPurging] = useState(false)
  const isVault = store.type === 'vault'
  const { run, busy } = useAction(isVault ? recoverVaultAction : recoverHsm, {
    progress: `Recovering ${store.name}`,
    success: isVault
      ? `${store.name} was recovered. Its role assignments were not: give them again.`
      : `${store.name} was recovered with its keys and local roles`,
    failure: `${store.name} could not be recovered`,
    invalidate: [['keys'], ['resources'], ['servers'], ['identity']],
  })
  return (
    <div className={styles.row}>
      <PermissionButton
        size={small ? 'small' : undefined}
        appearance={small ? 'subtle' : 'primary'}
        permission={permissions.recover}
        disabledReason={busy ? 'It is being recovered.' : null}
        onClick={() => void run({ id: store.id })}
      >
        Recover
      </PermissionButton>
      <PermissionButton
        size={small ? 'small' : undefined}
        appearance={small ? 'subtle' : undefined}
        permission={permissions.purge}
        onClick={() => setPurging(true)}
      >
        Purge
      </PermissionButton>
      {purging && <PurgeStoreDialog store={store} onClose={() => setPurging(false)} onPurged={props.onPurged} />}
    </div>
  )
}

function PurgeStoreDialog(props: { store: DeletedStore; onClose: () => void; onPurged?: () => void }) {
  const { store, onClose } = props
  const isVault = store.type === 'vault'
  const { run, busy } = useAction(isVault ? purgeVaultAction : purgeHsm, {
    progress: `Purging ${store.name}`,
    success: `${store.name} is gone for good`,
    failure: `${store.name} could not be purged`,
    invalidate: [['keys'], ['resources'], ['servers']],
  })
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Purge the ${isVault ? 'key vault' : 'managed HSM'} ${store.name}?`}
      confirmLabel="Purge"
      typeToConfirm={store.name}
      busy={busy}
      onConfirm={async () => {
        const result = await run({ id: store.id })
        onClose()
        if (result.ok) props.onPurged?.()
      }}
    >
      <span>
        All its keys are destroyed, and its name becomes free. Whatever its keys wrapped can never be opened again: the
        data of every server that needs one, and its backups, are lost
        {isVault ? '.' : ', unless a backup and the security domain were kept.'}
      </span>
      <Impact forGood question={{ change: 'store', store: store.name }} />
    </ConfirmDialog>
  )
}
