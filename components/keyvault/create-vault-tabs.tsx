'use client'
import { Field, MessageBar, MessageBarBody, Radio, RadioGroup } from '@fluentui/react-components'
import { Essentials } from '@/components/ui/essentials'
import { Section } from '@/components/ui/section'
import { StoreBasics, StoreReview, type StoreTabProps } from './create-store-tabs'
import type { VaultDraft } from './create-vault-draft'
import { PERMISSION_MODELS } from './vaults-list'

export type VaultTabProps = StoreTabProps<VaultDraft>
const NAME = 'Key vault name'

export function BasicsTab(props: VaultTabProps) {
  const { draft, change } = props
  return (
    <StoreBasics {...props} label={NAME} noun="vault">
      <Field label="Pricing tier">
        <RadioGroup value={draft.sku} onChange={(_, data) => change({ sku: data.value as VaultDraft['sku'] })}>
          <Radio value="standard" label="Standard" />
          <Radio value="premium" label="Premium (adds hardware-protected keys)" />
        </RadioGroup>
      </Field>
    </StoreBasics>
  )
}

export function AccessTab({ draft, change }: VaultTabProps) {
  return (
    <>
      <Field label="Permission model">
        <RadioGroup
          value={draft.rbac ? 'rbac' : 'accessPolicies'}
          onChange={(_, data) => change({ rbac: data.value === 'rbac' })}
        >
          <Radio value="rbac" label={`${PERMISSION_MODELS.rbac} (recommended)`} />
          <Radio value="accessPolicies" label={PERMISSION_MODELS.accessPolicies} />
        </RadioGroup>
      </Field>
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          {draft.rbac
            ? 'Creating the vault gives you no right to its keys. Give yourself Key Vault Crypto Officer afterwards, on the page Access control (IAM).'
            : 'The vault starts without policies. Add one for yourself afterwards, on its page Access configuration.'}
        </MessageBarBody>
      </MessageBar>
    </>
  )
}

export function ReviewTab({ draft, options }: Pick<VaultTabProps, 'draft' | 'options'>) {
  const tier = { label: 'Pricing tier', value: draft.sku === 'premium' ? 'Premium' : 'Standard' }
  return (
    <StoreReview draft={draft} options={options} label={NAME} tier={tier}>
      <Section title="Access configuration">
        <Essentials
          items={[{ label: 'Permission model', value: PERMISSION_MODELS[draft.rbac ? 'rbac' : 'accessPolicies'] }]}
        />
      </Section>
    </StoreReview>
  )
}
