'use client'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { useAction } from '@/components/ui/use-action'
import { purgeKeyAction } from '@/server/actions/keys'
import type { StoreRef } from '@/server/queries/key-stores'
import { Impact } from './impact'

/** Destroys a deleted key for good, after its name was typed. */
export function PurgeKeyDialog({ store, name, onClose }: { store: StoreRef; name: string; onClose: () => void }) {
  const { run, busy } = useAction(purgeKeyAction, {
    progress: `Purging key ${name}`,
    success: `Key ${name} is gone for good`,
    failure: `Key ${name} could not be purged`,
    invalidate: [['keys'], ['servers']],
  })
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Purge the key ${name}?`}
      confirmLabel="Purge"
      typeToConfirm={name}
      busy={busy}
      onConfirm={async () => {
        await run({ store, key: name })
        onClose()
      }}
    >
      <span>
        The key material is destroyed. Whatever it wrapped can never be opened again: the data of every server that
        needs it, and its backups, are lost.
      </span>
      <Impact forGood question={{ change: 'key', store: store.name, key: name }} />
    </ConfirmDialog>
  )
}
