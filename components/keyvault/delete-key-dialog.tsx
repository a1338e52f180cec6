'use client'
import { useAction } from '@/components/ui/use-action'
import { removeKey } from '@/server/actions/keys'
import type { StoreRef } from '@/server/queries/key-stores'
import { ImpactDialog } from './impact'

/** Soft-deletes a key with all its versions, after saying whose data it opens. */
export function DeleteKeyDialog({ store, name, onClose }: { store: StoreRef; name: string; onClose: () => void }) {
  const { run, busy } = useAction(removeKey, {
    progress: `Deleting key ${name}`,
    success: `Key ${name} was deleted; it can be recovered`,
    failure: `Key ${name} could not be deleted`,
    invalidate: [['keys'], ['servers']],
  })
  return (
    <ImpactDialog
      open
      onClose={onClose}
      title={`Delete the key ${name}?`}
      confirmLabel="Delete"
      typeToConfirm={name}
      busy={busy}
      question={{ change: 'key', store: store.name, key: name }}
      onConfirm={async () => {
        await run({ store, key: name })
        onClose()
      }}
    >
      <span>
        All its versions stop working at once. The key can be recovered until the retention of its store ends.
      </span>
    </ImpactDialog>
  )
}
