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
import { PurgeProtection } from './purge-protection'
import { VaultFrame } from './vault-frame'
import { softDeleteText } from './vaults-list'

export function VaultProperties({ name }: { name: string }) {
  return (
    <VaultFrame name={name}>
      {({ vault, subscriptionName, permissions }) => (
        <>
          <Section title="Properties">
            <Essentials
              items={[
                { label: 'Name', value: vault.name, copy: vault.name },
                { label: 'Pricing tier', value: <Tier vault={vault} permission={permissions.write} /> },
                { label: 'Location', value: regionDisplayName(vault.location) },
                { label: 'Vault URI', value: vault.uri, copy: vault.uri },
                { label: 'Resource ID', value: vault.id, copy: vault.id },
                { label: 'Subscription', value: subscriptionName },
                { label: 'Subscription ID', value: vault.subscriptionId, copy: vault.subscriptionId },
                { label: 'Soft-delete', value: softDeleteText(vault) },
                { label: 'Retention', value: `${vault.softDeleteDays} days; set at creation, cannot be changed` },
              ]}
            />
          </Section>
          {!vault.softDelete && <SoftDelete vault={vault} permission={permissions.write} />}
          <PurgeProtection
            store={vault}
            noun="vault"
            permission={permissions.write}
            disabledReason={vault.softDelete ? null : 'Purge protection needs soft delete: turn that on first.'}
            save={changeVault}
          />
        </>
      )}
    </VaultFrame>
  )
}

type Change = { vault: VaultPage['vault']; permission: VaultPage['permissions']['write'] }

/** A change that cannot be taken back, asked for once more. */
function useOneWay({ vault }: Change, what: string) {
  const [asking, setAsking] = useState(false)
  const { run, busy } = useAction(changeVault, {
    progress: `${what}: ${vault.name}`,
    success: `${what}: done for ${vault.name}`,
    failure: `${what}: not done for ${vault.name}`,
    invalidate: [['keys']],
  })
  const confirm = async (patch: object) => {
    await run({ id: vault.id, patch })
    setAsking(false)
  }
  return { dialog: { open: asking, onClose: () => setAsking(false), busy }, ask: () => setAsking(true), confirm }
}

function Tier(props: Change) {
  const { dialog, ask, confirm } = useOneWay(props, 'Upgrade to Premium')
  if (props.vault.sku === 'premium') return 'Premium'
  return (
    <>
      Standard&nbsp;
      <PermissionButton size="small" appearance="subtle" permission={props.permission} onClick={ask}>
        Upgrade to Premium
      </PermissionButton>
      <ConfirmDialog
        {...dialog}
        title={`Upgrade ${props.vault.name} to Premium?`}
        confirmLabel="Upgrade"
        onConfirm={() => void confirm({ sku: 'premium' })}
      >
        <span>
          New keys may then be protected by hardware (RSA-HSM, EC-HSM). The keys that are there stay as they are.
        </span>
      </ConfirmDialog>
    </>
  )
}

/** A vault from the time before soft delete destroys at once what is deleted. */
function SoftDelete(props: Change) {
  const { dialog, ask, confirm } = useOneWay(props, 'Turn soft delete on')
  return (
    <Section title="Soft delete">
      <MessageBar intent="error" layout="multiline">
        <MessageBarBody>
          Off: whoever deletes a key of this vault, or the vault, destroys it at once, and with it the data of every
          server that needs it. New vaults always have soft delete.
        </MessageBarBody>
      </MessageBar>
      <div>
        <PermissionButton appearance="primary" permission={props.permission} onClick={ask}>
          Turn soft delete on
        </PermissionButton>
      </div>
      <ConfirmDialog
        {...dialog}
        title="Turn soft delete on?"
        confirmLabel="Turn on for good"
        onConfirm={() => void confirm({ softDelete: true })}
      >
        <span>
          There is no way back. From now on what is deleted can be recovered for {props.vault.softDeleteDays} days.
        </span>
      </ConfirmDialog>
    </Section>
  )
}
