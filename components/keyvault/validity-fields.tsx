'use client'
import { InstantField } from '@/components/portal/instant-field'

type Validity = { notBefore: string | null; expires: string | null }

/** From when and until when a key version may be used. */
export function ValidityFields(props: {
  draft: Validity
  change: (patch: Partial<Validity>) => void
  faults: Record<string, string>
  /** How many days from now an expiry is suggested. */
  lifetimeDays: number
}) {
  const { draft, change, faults } = props
  return (
    <>
      <InstantField
        label="Set activation date"
        name="Activation date"
        value={draft.notBefore}
        onChange={(notBefore) => change({ notBefore })}
        suggestDays={0}
        error={faults.notBefore}
      />
      <InstantField
        label="Set expiration date"
        name="Expiration date"
        value={draft.expires}
        onChange={(expires) => change({ expires })}
        suggestDays={props.lifetimeDays}
        error={faults.expires}
      />
    </>
  )
}
