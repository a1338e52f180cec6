'use client'
import { Input } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { ProjectFields, RegionSelect } from '@/components/identity/place-fields'
import { type Essential, Essentials } from '@/components/ui/essentials'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { Section } from '@/components/ui/section'
import { regionDisplayName } from '@/server/kernel/regions'
import type { CreateOptions } from '@/server/queries/create-options'
import { type StoreDraft, tagsOf } from './create-store-draft'
import { networkSaysOf } from './network-draft'
import { NetworkFields } from './network-fields'
import { RecoveryFields } from './recovery-fields'
import { TagRows } from './tag-rows'

export type StoreTabProps<D extends StoreDraft = StoreDraft> = {
  draft: D
  change: (patch: Partial<D>) => void
  faults: Record<string, string>
  options: CreateOptions
}

/** Project, name, region, recovery; `children` is what the kind of store has besides. */
export function StoreBasics(props: StoreTabProps & { label: string; noun: string; children: ReactNode }) {
  const { draft, change, faults, options } = props
  const fields = { options, place: draft.place, faults, onChange: (place: StoreDraft['place']) => change({ place }) }
  return (
    <>
      <Section title="Project details">
        <ProjectFields {...fields} />
      </Section>
      <Section title="Instance details">
        <FieldWithInfo
          label={props.label}
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
        <RegionSelect {...fields} info={`A server can only use keys of a ${props.noun} in its own region.`} />
        {props.children}
      </Section>
      <RecoveryFields noun={props.noun} draft={draft} change={change} faults={faults} />
    </>
  )
}

export function NetworkingTab({ draft, change, faults, options }: StoreTabProps) {
  return (
    <NetworkFields
      draft={draft.network}
      change={(patch) => change({ network: { ...draft.network, ...patch } })}
      clientAddress={options.clientAddress}
      error={faults['networkAcls.ipRules']}
    />
  )
}

export function TagsTab({ draft, change }: StoreTabProps) {
  return (
    <Section title="Tags">
      <TagRows tags={draft.tags} onChange={(tags) => change({ tags })} />
    </Section>
  )
}

/** What is to be made, once more; `children` stands between the basics and the network. */
export function StoreReview(props: {
  draft: StoreDraft
  options: CreateOptions
  label: string
  tier: Essential
  children: ReactNode
}) {
  const { draft, options } = props
  const { place, network } = draft
  return (
    <>
      <Section title="Basics">
        <Essentials
          items={[
            { label: 'Subscription', value: options.subscriptions.find((s) => s.id === place.subscriptionId)?.name },
            { label: 'Resource group', value: place.resourceGroup },
            { label: props.label, value: draft.name },
            { label: 'Region', value: place.location && regionDisplayName(place.location) },
            props.tier,
            { label: 'Soft-delete', value: `Enabled, ${draft.softDeleteDays} days` },
            { label: 'Purge protection', value: draft.purgeProtection ? 'Enabled' : 'Disabled' },
          ]}
        />
      </Section>
      {props.children}
      <Section title="Networking">
        <Essentials items={[{ label: 'Who gets in', value: networkSaysOf(network) }]} />
      </Section>
      <Section title="Tags">
        <Essentials
          items={[
            {
              label: 'Tags',
              value: Object.entries(tagsOf(draft.tags))
                .map(([name, value]) => `${name}: ${value}`)
                .join(', '),
            },
          ]}
        />
      </Section>
    </>
  )
}
