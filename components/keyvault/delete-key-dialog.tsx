'use client'
import { useAction } from '@/components/ui/use-action'
import { removeKey } from '@/server/actions/keys'
import type { StoreRef } from '@/server/queries/key-stores'
import { ImpactDialog } from './impact'

/** Soft-deletes a key with all its versions, after saying whose data it opens. */
export function DeleteKeyDialog(props: { store: StoreRef; name: string; softDelete: boolean; onClose: () => void }) {
  const { store, name, softDelete, onClose } = props
  const { run, busy } = useAction(removeKey, {
    progress: `Deleting key ${name}`,
    success: softDelete ? `Key ${name} was deleted; it can be recovered` : `Key ${name} is gone for good`,
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
      forGood={!softDelete}
      question={{ change: 'key', store: store.name, key: name }}
      onConfirm={async () => {
        await run({ store, key: name })
        onClose()
      }}
    >
      <span>
        {softDelete
          ? 'All its versions stop working at once. The key can be recovered until the retention of its store ends.'
          : 'This vault has no soft delete: the key is destroyed at once, with all its versions. Whatever it wrapped can never be opened again.'}
      </span>
    </ImpactDialog>
  )
}
