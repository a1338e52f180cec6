'use client'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { download } from '@/components/ui/download'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { useAction } from '@/components/ui/use-action'
import { backupKeyAction } from '@/server/actions/keys'
import type { StoreRef } from '@/server/queries/key-stores'

/** Hands out a backup of a key, after saying what it is good for. */
export function BackupDialog({ store, name, onClose }: { store: StoreRef; name: string; onClose: () => void }) {
  const { run, busy } = useAction(backupKeyAction, {
    progress: `Backing up key ${name}`,
    success: `The backup of ${name} was downloaded`,
    failure: `Key ${name} could not be backed up`,
  })
  const save = async () => {
    const result = await run({ store, key: name })
    onClose()
    if (!result.ok) return
    const bytes = Uint8Array.from(atob(result.data.file), (char) => char.charCodeAt(0))
    download(`${store.name}-${name}.keybackup`, new Blob([bytes], { type: 'application/octet-stream' }))
  }
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Download a backup of ${name}?`}
      confirmLabel="Download"
      busy={busy}
      onConfirm={() => void save()}
    >
      <span>
        One file with all versions, dates, tags and the rotation policy, sealed: nobody can read the key from it. It
        brings the key back after a purge,{' '}
        {store.type === 'vault'
          ? 'into a vault of the same subscription and geography.'
          : 'into a managed HSM of the same security domain.'}
      </span>
      <span>Disabling, rotating or deleting the key later does not change the file.</span>
      <SimulatedNote>It opens in this installation of Portcullis alone.</SimulatedNote>
    </ConfirmDialog>
  )
}
