'use client'
import { MessageBar, MessageBarBody } from '@fluentui/react-components'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { useAction } from '@/components/ui/use-action'
import type { ActionResult } from '@/server/actions/result'
import type { Permission } from '@/server/identity/contract'

/** Whether what was deleted can be destroyed before its time, and the switch that only goes one way. */
export function PurgeProtection(props: {
  store: { id: string; name: string; softDeleteDays: number; purgeProtection: boolean }
  /** "vault" or "managed HSM". */
  noun: string
  permission: Permission
  /** Any other reason why it cannot be switched on now. */
  disabledReason?: string | null
  save: (input: { id: string; patch: { purgeProtection: true } }) => Promise<ActionResult<undefined>>
}) {
  const { store, noun } = props
  const [asking, setAsking] = useState(false)
  const { run, busy } = useAction(props.save, {
    progress: `Enabling purge protection of ${store.name}`,
    success: `Purge protection of ${store.name} is on for good`,
    failure: `Purge protection of ${store.name} was not enabled`,
    invalidate: [['keys']],
  })
  return (
    <Section title="Purge protection">
      <MessageBar intent={store.purgeProtection ? 'success' : 'warning'} layout="multiline">
        <MessageBarBody>
          {store.purgeProtection
            ? `Enabled. Deleted keys and the deleted ${noun} stay recoverable until their retention ends; nobody can destroy them before. It cannot be turned off.`
            : 'Disabled. Whoever may purge can destroy a deleted key for good, and with it the data of every server that needs it. A customer-managed key requires purge protection.'}
        </MessageBarBody>
      </MessageBar>
      {!store.purgeProtection && (
        <div>
          <PermissionButton
            appearance="primary"
            permission={props.permission}
            disabledReason={props.disabledReason}
            onClick={() => setAsking(true)}
          >
            Enable purge protection
          </PermissionButton>
        </div>
      )}
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title="Enable purge protection?"
        confirmLabel="Enable for good"
        busy={busy}
        onConfirm={async () => {
          await run({ id: store.id, patch: { purgeProtection: true } })
          setAsking(false)
        }}
      >
        <span>
          There is no way back: once enabled, it cannot be disabled, and nobody can purge this {noun} or its keys before{' '}
          {store.softDeleteDays} days after their deletion.
        </span>
      </ConfirmDialog>
    </Section>
  )
}
