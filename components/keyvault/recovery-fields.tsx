'use client'
import { Input, Radio, RadioGroup } from '@fluentui/react-components'
import { Essentials } from '@/components/ui/essentials'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'

type Recovery = { softDeleteDays: number; purgeProtection: boolean }

/** How long a new store keeps what was deleted, and whether it may be destroyed before. */
export function RecoveryFields(props: {
  /** "vault" or "managed HSM". */
  noun: string
  draft: Recovery
  change: (patch: Partial<Recovery>) => void
  faults: Record<string, string>
}) {
  const { noun, draft, change, faults } = props
  return (
    <Section title="Recovery options">
      <Essentials items={[{ label: 'Soft-delete', value: 'Enabled' }]} />
      <FieldWithInfo
        label={`Days to retain deleted ${noun}s`}
        required
        error={faults.softDeleteDays}
        hint="7 to 90; it cannot be changed later."
      >
        <Input
          type="number"
          min={7}
          max={90}
          value={String(draft.softDeleteDays)}
          onChange={(_, data) => change({ softDeleteDays: Math.trunc(Number(data.value)) })}
        />
      </FieldWithInfo>
      <FieldWithInfo
        label="Purge protection"
        hint={
          draft.purgeProtection
            ? 'Once enabled, this option cannot be disabled. A customer-managed key requires it.'
            : `Without it a server cannot use a key of this ${noun}: a purged key is lost, and the data with it.`
        }
      >
        <RadioGroup
          value={draft.purgeProtection ? 'on' : 'off'}
          onChange={(_, data) => change({ purgeProtection: data.value === 'on' })}
        >
          <Radio value="off" label="Disable purge protection" />
          <Radio value="on" label="Enable purge protection" />
        </RadioGroup>
      </FieldWithInfo>
      <SimulatedNote>
        Azure’s portal proposes to leave purge protection off; this one proposes what a key needs.
      </SimulatedNote>
    </Section>
  )
}
