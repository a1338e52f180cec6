'use client'
import {
  Button,
  Input,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  makeStyles,
  Select,
  tokens,
} from '@fluentui/react-components'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { ProjectFields, RegionSelect } from '@/components/identity/place-fields'
import { PrincipalPicker } from '@/components/identity/principal-picker'
import { Essentials } from '@/components/ui/essentials'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { regionDisplayName } from '@/server/kernel/regions'
import type { CreateOptions } from '@/server/queries/create-options'
import type { HsmDraft } from './create-hsm-draft'
import { networkSaysOf } from './network-draft'
import { NetworkFields } from './network-fields'
import { RecoveryFields } from './recovery-fields'
import { TagRows } from './tag-rows'

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalS },
  error: { color: tokens.colorPaletteRedForeground1 },
  picker: { maxHeight: '380px', overflowY: 'auto', display: 'flex', flexDirection: 'column', rowGap: '8px' },
})

export type HsmTabProps = {
  draft: HsmDraft
  change: (patch: Partial<HsmDraft>) => void
  faults: Record<string, string>
  options: CreateOptions
}

export function BasicsTab({ draft, change, faults, options }: HsmTabProps) {
  const fields = { options, place: draft.place, faults, onChange: (place: HsmDraft['place']) => change({ place }) }
  return (
    <>
      <SimulatedNote>
        A pool of hardware security modules of your own, without the hardware: its keys are sealed at rest by the
        portal’s master key. Roles, ceremony and refusals are those of the real one.
      </SimulatedNote>
      <Section title="Project details">
        <ProjectFields {...fields} />
      </Section>
      <Section title="Instance details">
        <FieldWithInfo
          label="Managed HSM name"
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
        <RegionSelect {...fields} info="A server can only use keys of an HSM in its own region." />
        <FieldWithInfo label="Sku" hint="The other sizes of Azure are not part of this simulation.">
          <Select value="Standard_B1" disabled>
            <option value="Standard_B1">Standard B1</option>
          </Select>
        </FieldWithInfo>
      </Section>
      <RecoveryFields noun="managed HSM" draft={draft} change={change} faults={faults} />
    </>
  )
}

export function AdministratorsTab({ draft, change, faults, options }: HsmTabProps) {
  const styles = useStyles()
  const { adminObjectIds } = draft
  const add = (objectId: string) =>
    adminObjectIds.includes(objectId) || change({ adminObjectIds: [...adminObjectIds, objectId] })
  return (
    <>
      <MessageBar intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>Only they can activate the HSM and give rights in it.</MessageBarTitle> Owners of the
          subscription have none. The list is read once, at creation; later changes go by local roles.
        </MessageBarBody>
      </MessageBar>
      <Section title="Initial administrators">
        {adminObjectIds.length === 0 && (
          <span role="alert" className={styles.error}>
            {faults.adminObjectIds ?? 'Name at least one initial administrator.'}
          </span>
        )}
        <ul className={styles.list} aria-label="Initial administrators">
          {adminObjectIds.map((id) => (
            <li key={id} className={styles.item}>
              {adminName(options, id)}
              <Button
                appearance="subtle"
                icon={<DeleteRegular />}
                aria-label={`Remove ${adminName(options, id)}`}
                onClick={() => change({ adminObjectIds: adminObjectIds.filter((other) => other !== id) })}
              />
            </li>
          ))}
        </ul>
      </Section>
      <Section title="Add an administrator">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrollable by keyboard. */}
        <section className={styles.picker} aria-label="Directory" tabIndex={0}>
          <PrincipalPicker
            directory={options.directory.filter((d) => !adminObjectIds.includes(d.objectId))}
            selected={null}
            onPick={add}
          />
        </section>
      </Section>
    </>
  )
}

const adminName = (options: CreateOptions, objectId: string): string =>
  options.directory.find((d) => d.objectId === objectId)?.displayName ?? objectId

export function NetworkingTab({ draft, change, faults, options }: HsmTabProps) {
  return (
    <NetworkFields
      draft={draft.network}
      change={(patch) => change({ network: { ...draft.network, ...patch } })}
      clientAddress={options.clientAddress}
      error={faults['networkAcls.ipRules']}
    />
  )
}

export function TagsTab({ draft, change }: HsmTabProps) {
  return (
    <Section title="Tags">
      <TagRows tags={draft.tags} onChange={(tags) => change({ tags })} />
    </Section>
  )
}

export function ReviewTab({ draft, options }: Omit<HsmTabProps, 'change' | 'faults'>) {
  const { place, network } = draft
  return (
    <>
      <Section title="Basics">
        <Essentials
          items={[
            { label: 'Subscription', value: options.subscriptions.find((s) => s.id === place.subscriptionId)?.name },
            { label: 'Resource group', value: place.resourceGroup },
            { label: 'Managed HSM name', value: draft.name },
            { label: 'Region', value: place.location && regionDisplayName(place.location) },
            { label: 'Sku', value: 'Standard B1' },
            { label: 'Soft-delete', value: `Enabled, ${draft.softDeleteDays} days` },
            { label: 'Purge protection', value: draft.purgeProtection ? 'Enabled' : 'Disabled' },
          ]}
        />
      </Section>
      <Section title="Administrators">
        <Essentials
          items={[
            {
              label: 'Initial administrators',
              value: draft.adminObjectIds.map((id) => adminName(options, id)).join(', '),
            },
          ]}
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
      <MessageBar intent="info" layout="multiline">
        <MessageBarBody>
          The HSM is made without a security domain. Until an administrator downloads that, no key can be made or used.
        </MessageBarBody>
      </MessageBar>
    </>
  )
}
