'use client'
import { MessageBar, MessageBarBody } from '@fluentui/react-components'
import { useState } from 'react'
import { ConfirmDialog } from '@/components/ui/confirm-dialog'
import { Essentials } from '@/components/ui/essentials'
import { PermissionButton } from '@/components/ui/permission-button'
import { Section } from '@/components/ui/section'
import { useAction } from '@/components/ui/use-action'
import { changeVault } from '@/server/actions/vaults'
import { regionDisplayName } from '@/server/kernel/regions'
import type { VaultPage } from '@/server/queries/vaults'
import { VaultFrame } from './vault-frame'

export function VaultProperties({ name }: { name: string }) {
  return (
    <VaultFrame name={name}>
      {(page) => (
        <>
          <Section title="Properties">
            <Essentials
              items={[
                { label: 'Name', value: page.vault.name, copy: page.vault.name },
                { label: 'Pricing tier', value: page.vault.sku === 'premium' ? 'Premium' : 'Standard' },
                { label: 'Location', value: regionDisplayName(page.vault.location) },
                { label: 'Vault URI', value: page.vault.uri, copy: page.vault.uri },
                { label: 'Resource ID', value: page.vault.id, copy: page.vault.id },
                { label: 'Soft-delete', value: 'Enabled; it cannot be turned off' },
                {
                  label: 'Retention',
                  value: `${page.vault.softDeleteDays} days; set at creation, cannot be changed`,
                },
              ]}
            />
          </Section>
          <PurgeProtection page={page} />
        </>
      )}
    </VaultFrame>
  )
}

function PurgeProtection({ page: { vault, permissions } }: { page: VaultPage }) {
  const [asking, setAsking] = useState(false)
  const { run, busy } = useAction(changeVault, {
    progress: `Enabling purge protection of ${vault.name}`,
    success: `Purge protection of ${vault.name} is on for good`,
    failure: `Purge protection of ${vault.name} was not enabled`,
    invalidate: [['keys']],
  })
  return (
    <Section title="Purge protection">
      <MessageBar intent={vault.purgeProtection ? 'success' : 'warning'} layout="multiline">
        <MessageBarBody>
          {vault.purgeProtection
            ? 'Enabled. Deleted keys and the deleted vault stay recoverable until their retention ends; nobody can destroy them before. It cannot be turned off.'
            : 'Disabled. Whoever may purge can destroy a deleted key for good, and with it the data of every server that needs it. A customer-managed key requires purge protection.'}
        </MessageBarBody>
      </MessageBar>
      {!vault.purgeProtection && (
        <div>
          <PermissionButton appearance="primary" permission={permissions.write} onClick={() => setAsking(true)}>
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
          await run({ id: vault.id, patch: { purgeProtection: true } })
          setAsking(false)
        }}
      >
        <span>
          There is no way back: once enabled, it cannot be disabled, and nobody can purge this vault or its keys before{' '}
          {vault.softDeleteDays} days after their deletion.
        </span>
      </ConfirmDialog>
    </Section>
  )
}
