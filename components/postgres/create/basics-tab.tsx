'use client'
import { Link, makeStyles, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useFormContext } from 'react-hook-form'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { Section } from '@/components/ui/section'
import { findRegion } from '@/server/kernel/regions'
import { findSku, NEWEST_VERSION, VERSIONS } from '@/server/postgres/catalog'
import type { InstallationView } from '@/server/postgres/contract'
import { AuthenticationFields } from './authentication-fields'
import { TIER_LABELS } from './compute-fields'
import { ComputePane } from './compute-pane'
import { FieldGroup, RadioField, SelectField, useOrientation } from './fields'
import { HighAvailabilityFields, zoneOptions } from './high-availability-fields'
import { RegionField } from './region-field'
import { ResourceGroupField } from './resource-group-field'
import { ServerNameField } from './server-name-field'
import { STORAGE_LABELS } from './storage-fields'
import { useWizard, useWizardValues } from './wizard-context'
import { inFieldOrder, isSizing } from './wizard-fields'
import { type WizardValues, WORKLOADS, type WorkloadType } from './wizard-values'

/** Retired upstream; offered under extended support only. */
const EXTENDED_SUPPORT = ['11', '12', '13']

export function BasicsTab({ passwordLost }: { passwordLost: boolean }) {
  const { options } = useWizard()
  const { setValue } = useFormContext<WizardValues>()
  const chooseWorkload = (type: string) => {
    setValue('basics.workloadType', type as WorkloadType, { shouldTouch: true })
    const { compute, storage, highAvailability } = WORKLOADS[type as WorkloadType].sizing
    setValue('basics.compute', compute)
    setValue('basics.storage', storage)
    setValue('basics.highAvailability', highAvailability)
  }
  return (
    <>
      <Section title="Project details">
        <SelectField
          path="basics.subscriptionId"
          label="Subscription"
          required
          info="What is billed for the server. Keys and identities of the same subscription are offered first."
          placeholder={options.subscriptions.length ? undefined : 'No subscription that you may see'}
          options={options.subscriptions.map((s) => ({ value: s.id, label: s.name }))}
          onChoose={(id) => {
            setValue('basics.subscriptionId', id, { shouldTouch: true })
            setValue('basics.resourceGroup', '')
          }}
        />
        <ResourceGroupField />
      </Section>
      <Section title="Server details">
        <ServerNameField />
        <RegionField />
        <SelectField
          path="basics.version"
          label="PostgreSQL version"
          required
          info="The major version. It can be upgraded later, never lowered."
          options={versionOptions(options.installation)}
          hint={options.installation?.versions.find((v) => !v.runnable)?.reason ?? undefined}
        />
        <RadioField
          path="basics.workloadType"
          label="Workload type"
          info="Fills in a suitable compute size and storage, which you can change."
          options={Object.entries(WORKLOADS).map(([value, { label, hint }]) => ({ value, label, hint }))}
          onChoose={chooseWorkload}
        />
        <ComputeSummary />
        <AvailabilityZone />
      </Section>
      <Section title="High availability">
        <HighAvailabilityFields />
      </Section>
      <AuthenticationFields passwordLost={passwordLost} />
    </>
  )
}

/** What cannot run here can be seen and not be chosen. */
function versionOptions(installation: InstallationView | null) {
  return VERSIONS.map((version) => {
    const disabled = installation?.versions.find((v) => v.version === version)?.runnable === false
    return {
      value: version,
      label: `${versionLabel(version)}${disabled ? ', not in this installation' : ''}`,
      disabled,
    }
  })
}

function versionLabel(version: string): string {
  if (version === NEWEST_VERSION) return `${version} (newest)`
  return EXTENDED_SUPPORT.includes(version) ? `${version} (extended support)` : version
}

function AvailabilityZone() {
  const { basics } = useWizardValues()
  const region = findRegion(basics.location)
  return (
    <SelectField
      path="basics.availabilityZone"
      label="Availability zone"
      info="The zone of the region in which the server runs. It cannot be changed later."
      options={zoneOptions().map((zone) => ({ ...zone, disabled: zone.value !== 'none' && region?.zones === 0 }))}
      hint={region?.zones === 0 ? `${region.displayName} has no availability zones.` : undefined}
    />
  )
}

const useStyles = makeStyles({
  summary: { display: 'flex', flexDirection: 'column', alignItems: 'flex-start', rowGap: tokens.spacingVerticalXXS },
  faint: { color: tokens.colorNeutralForeground3 },
})

function ComputeSummary() {
  const styles = useStyles()
  const orientation = useOrientation()
  const [open, setOpen] = useState(false)
  const { basics, ...rest } = useWizardValues()
  const { visibleErrors, errors, reveal } = useWizard()
  const [fault] = inFieldOrder(visibleErrors.filter((path) => isSizing(path) && !path.includes('highAvailability')))
  const { compute, storage, backup } = basics
  const sku = findSku(compute.sku)
  return (
    <div data-group="sizing">
      <FieldWithInfo
        label="Compute + storage"
        orientation={orientation}
        error={fault ? errors[fault] : null}
        info="Processor, memory, storage and backups."
      >
        <FieldGroup className={styles.summary}>
          <Text weight="semibold">
            {TIER_LABELS[compute.tier]}, {compute.sku.replace('Standard_', '')}
          </Text>
          <Text className={styles.faint}>
            {sku ? `${sku.vCores} vCores, ${sku.memoryGiB} GiB memory, ` : ''}
            {storage.sizeGiB} GiB {STORAGE_LABELS[storage.type]}
          </Text>
          <Text className={styles.faint}>
            Backups kept {backup.retentionDays} days{backup.geoRedundant ? ', geo-redundant' : ''}
            {backup.geoRedundant && rest.encryption.type === 'AzureKeyVault' ? ' (two keys)' : ''}
          </Text>
          <Link
            as="button"
            type="button"
            onClick={() => {
              reveal('sizing')
              setOpen(true)
            }}
          >
            Configure server
          </Link>
        </FieldGroup>
      </FieldWithInfo>
      {open && <ComputePane onClose={() => setOpen(false)} />}
    </div>
  )
}
