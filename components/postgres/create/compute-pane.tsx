'use client'
import { Button, makeStyles, tokens } from '@fluentui/react-components'
import { useRef } from 'react'
import { useFormContext } from 'react-hook-form'
import { Pane } from '@/components/ui/pane'
import { Section } from '@/components/ui/section'
import { SimulatedNote } from '@/components/ui/simulated-note'
import { BackupFields } from './backup-fields'
import { ComputeFields } from './compute-fields'
import { CostCard } from './cost-card'
import { focusField } from './focus-field'
import { HighAvailabilityFields } from './high-availability-fields'
import { StorageFields } from './storage-fields'
import { useWizard } from './wizard-context'
import { inFieldOrder, isSizing } from './wizard-fields'
import type { WizardValues } from './wizard-values'

const useStyles = makeStyles({
  content: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalXXL },
})

/** Edits the form itself, so that errors and costs follow; closing without Save puts back what was there. */
export function ComputePane({ onClose }: { onClose: () => void }) {
  const styles = useStyles()
  const { errors } = useWizard()
  const { getValues, setValue } = useFormContext<WizardValues>()
  const before = useRef(structuredClone(getValues('basics')))
  const content = useRef<HTMLDivElement>(null)
  const faults = inFieldOrder(Object.keys(errors).filter(isSizing))

  const save = () => {
    if (faults[0]) focusField(faults[0], content.current)
    else onClose()
  }
  const cancel = () => {
    setValue('basics', { ...getValues('basics'), ...sizingOf(before.current) })
    onClose()
  }
  return (
    <Pane
      open
      onClose={cancel}
      title="Compute + storage"
      size="large"
      footer={
        <>
          <Button appearance="primary" onClick={save}>
            Save
          </Button>
          <Button onClick={cancel}>Cancel</Button>
        </>
      }
    >
      <div ref={content} className={styles.content}>
        <Section title="Compute">
          <ComputeFields />
          <SimulatedNote>
            the database shares the processors, memory and disk of this machine. The size sets its connections and
            buffers; storage size, IOPS and throughput are kept and priced alone.
          </SimulatedNote>
        </Section>
        <Section title="Storage">
          <StorageFields />
        </Section>
        <Section title="High availability">
          <HighAvailabilityFields />
        </Section>
        <Section title="Backups">
          <BackupFields />
        </Section>
        <CostCard />
      </div>
    </Pane>
  )
}

const sizingOf = ({ compute, storage, highAvailability, backup }: WizardValues['basics']) => ({
  compute,
  storage,
  highAvailability,
  backup,
})
