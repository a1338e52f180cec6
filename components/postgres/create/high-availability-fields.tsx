'use client'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { findRegion } from '@/server/kernel/regions'
import { RadioField, type RadioOption, SelectField } from './fields'
import { useWizardValues } from './wizard-context'
import type { WizardValues } from './wizard-values'

type Mode = WizardValues['basics']['highAvailability']['mode']

export const HA_LABELS: Record<Mode, string> = {
  Disabled: 'Disabled',
  SameZone: 'Same zone',
  ZoneRedundant: 'Zone redundant',
}

const PROMISES: Record<Mode, string> = {
  Disabled: '99.9 % availability',
  SameZone: '99.95 % availability: a standby in the same zone',
  ZoneRedundant: '99.99 % availability: a standby in another zone',
}

export function HighAvailabilityFields() {
  const { basics } = useWizardValues()
  const region = findRegion(basics.location)
  const burstable = basics.compute.tier === 'Burstable'
  const option = (mode: Mode, unavailable: string | null): RadioOption => ({
    value: mode,
    label: HA_LABELS[mode],
    hint: unavailable ?? PROMISES[mode],
    disabled: unavailable !== null,
  })
  const onBurstable = burstable ? 'Needs General Purpose or Memory Optimized compute' : null
  const zones = region && !region.zoneRedundantHa ? `${region.displayName} does not offer it` : null
  return (
    <>
      <RadioField
        path="basics.highAvailability.mode"
        label="High availability"
        info="Keeps a standby server that takes over when the first one fails. It doubles the charge for compute and storage."
        options={[
          option('Disabled', null),
          option('SameZone', onBurstable),
          option('ZoneRedundant', onBurstable ?? zones),
        ]}
      />
      {basics.highAvailability.mode !== 'Disabled' && (
        <SimulatedNote>
          no database runs on the standby: one server is one PostgreSQL on this machine. The choice is kept and priced,
          and the standby’s access to the key is checked by itself.
        </SimulatedNote>
      )}
      {basics.highAvailability.mode === 'ZoneRedundant' && (
        <SelectField
          path="basics.highAvailability.standbyZone"
          label="Standby availability zone"
          info="Must differ from the zone of the server."
          options={zoneOptions()}
        />
      )}
    </>
  )
}

/** The same choice for server and standby. */
export const zoneOptions = () => [
  { value: 'none', label: 'No preference' },
  ...['1', '2', '3'].map((zone) => ({ value: zone, label: `Zone ${zone}` })),
]
