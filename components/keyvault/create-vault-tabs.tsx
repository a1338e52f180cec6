'use client'
import { Field, Input, MessageBar, MessageBarBody, Radio, RadioGroup } from '@fluentui/react-components'
import { ProjectFields, RegionSelect } from '@/components/identity/place-fields'
import { Essentials } from '@/components/ui/essentials'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { Section } from '@/components/ui/section'
import { regionDisplayName } from '@/server/kernel/regions'
import type { CreateOptions } from '@/server/queries/create-options'
import type { VaultDraft } from './create-vault-draft'
import { networkSaysOf } from './network-draft'
import { NetworkFields } from './network-fields'
import { RecoveryFields } from './recovery-fields'
import { TagRows } from './tag-rows'
import { PERMISSION_MODELS } from './vaults-list'

export type VaultTabProps = {
  draft: VaultDraft
  change: (patch: Partial<VaultDraft>) => void
  faults: Record<string, string>
  options: CreateOptions
}

export function BasicsTab({ draft, change, faults, options }: VaultTabProps) {
  const fields = { options, place: draft.place, faults, onChange: (place: VaultDraft['place']) => change({ place }) }
  return (
    <>
      <Section title="Project details">
        <ProjectFields {...fields} />
      </Section>
      <Section title="Instance details">
        <FieldWithInfo
          label="Key vault name"
          required
          error={faults.name}
          info="Unique in the whole cloud: 3 to 24 letters, digits and hyphens. It becomes part of every key identifier."
        >
          <Input
            value={draft.name}
            onChange={(_, data) => change({ name: data.value })}
            autoComplete="off"
            spellCheck={false}
          />
        </FieldWithInfo>
        <RegionSelect {...fields} info="A server can only use keys of a vault in its own region." />
        <Field label="Pricing tier">
          <RadioGroup value={draft.sku} onChange={(_, data) => change({ sku: data.value as VaultDraft['sku'] })}>
            <Radio value="standard" label="Standard" />
            <Radio value="premium" label="Premium (adds hardware-protected keys)" />
          </RadioGroup>
        </Field>
      </Section>
      <RecoveryFields noun="vault" draft={draft} change={change} faults={faults} />
    </>
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

export function NetworkingTab({ draft, change, faults, options }: VaultTabProps) {
  return (
    <NetworkFields
      draft={draft.network}
      change={(patch) => change({ network: { ...draft.network, ...patch } })}
      clientAddress={options.clientAddress}
      error={faults['networkAcls.ipRules']}
    />
  )
}

export function TagsTab({ draft, change }: VaultTabProps) {
  return (
    <Section title="Tags">
      <TagRows tags={draft.tags} onChange={(tags) => change({ tags })} />
    </Section>
  )
}

export function ReviewTab({ draft, options }: VaultTabProps) {
  const { place, network } = draft
  const subscription = options.subscriptions.find((s) => s.id === place.subscriptionId)?.name
  return (
    <>
      <Section title="Basics">
        <Essentials
          items={[
            { label: 'Subscription', value: subscription },
            { label: 'Resource group', value: place.resourceGroup },
            { label: 'Key vault name', value: draft.name },
            { label: 'Region', value: place.location && regionDisplayName(place.location) },
            { label: 'Pricing tier', value: draft.sku === 'premium' ? 'Premium' : 'Standard' },
            { label: 'Soft-delete', value: `Enabled, ${draft.softDeleteDays} days` },
            { label: 'Purge protection', value: draft.purgeProtection ? 'Enabled' : 'Disabled' },
          ]}
        />
      </Section>
      <Section title="Access configuration">
        <Essentials
          items={[{ label: 'Permission model', value: PERMISSION_MODELS[draft.rbac ? 'rbac' : 'accessPolicies'] }]}
        />
      </Section>
      <Section title="Networking">
        <Essentials items={[{ label: 'Who gets in', value: networkSaysOf(network) }]} />
      </Section>
      <Section title="Tags">
        <Essentials
          items={[
            {
              label: 'Tags',
              value: draft.tags
                .filter((t) => t.name)
                .map((t) => `${t.name}: ${t.value}`)
                .join(', '),
            },
          ]}
        />
      </Section>
    </>
  )
}
