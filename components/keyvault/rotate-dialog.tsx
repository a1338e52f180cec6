'use client'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { useAction } from '@/components/ui/use-action'
import { rotateKeyAction } from '@/server/actions/keys'
import type { StoreRef } from '@/server/queries/key-stores'
import type { KeyPage, KeyUser } from '@/server/queries/keys'

/** Makes a new version, after saying which servers follow it and which wait to be pointed to it. */
export function RotateDialog(props: { store: StoreRef; name: string; page: KeyPage; onClose: () => void }) {
  const { store, name, page, onClose } = props
  const { run, busy } = useAction(rotateKeyAction, {
    progress: `Rotating key ${name}`,
    success: ({ version }) => `Key ${name} has a new version: ${version}`,
    failure: `Key ${name} could not be rotated`,
    invalidate: [['keys'], ['servers']],
  })
  const names = (users: KeyUser[]) => [...new Set(users.map((u) => u.server))].join(', ')
  const following = names(page.users.filter((u) => u.autoUpdate))
  const pinned = names(page.users.filter((u) => !u.autoUpdate))
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Rotate the key ${name} now?`}
      confirmLabel="Rotate"
      busy={busy}
      onConfirm={async () => {
        await run({ store, key: name })
        onClose()
      }}
    >
      <span>
        A new version becomes the current one. The old version stays as it is, and goes on opening what it wrapped.
      </span>
      {following && (
        <span>
          Re-wrap their data key by themselves, most within 30 minutes: <strong>{following}</strong>. Keep the old
          version enabled for at least two hours.
        </span>
      )}
      {pinned && (
        <span>
          Stay with the version they are pinned to until you change it: <strong>{pinned}</strong>.
        </span>
      )}
      {page.users.length === 0 && <span>No server depends on this key.</span>}
    </ConfirmDialog>
  )
}
