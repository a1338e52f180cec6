'use client'
import { Field, Input, makeStyles, Radio, RadioGroup, Select, Switch, tokens } from '@fluentui/react-components'
import { type RotationDraft, type Span, UNITS, type Unit } from './rotation-draft'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM },
  span: { display: 'flex', columnGap: tokens.spacingHorizontalS },
  count: { width: '90px' },
})

/** The fields of a rotation policy. */
export function RotationFields(props: {
  draft: RotationDraft
  onChange: (draft: RotationDraft) => void
  notices: boolean
  faults: Record<string, string>
}) {
  const styles = useStyles()
  const { draft, faults, notices } = props
  const change = (patch: Partial<RotationDraft>) => props.onChange({ ...draft, ...patch })
  return (
    <div className={styles.root}>
      <OptionalSpan
        label="Expiry time"
        switchLabel="New versions expire"
        value={draft.expiry}
        initial={{ count: 2, unit: 'Y' }}
        onChange={(expiry) => change({ expiry })}
        error={faults.expiryTime}
      />
      <Switch
        label="Enable auto rotation"
        checked={draft.auto}
        onChange={(_, data) => change({ auto: data.checked })}
      />
      {draft.auto && (
        <>
          <Field label="Rotation option">
            <RadioGroup
              value={draft.option}
              onChange={(_, data) => change({ option: data.value as RotationDraft['option'] })}
            >
              <Radio value="afterCreation" label="Automatically renew at a given time after creation" />
              <Radio value="beforeExpiry" label="Automatically renew at a given time before expiry" />
            </RadioGroup>
          </Field>
          <SpanField
            label="Rotation time"
            value={draft.at}
            onChange={(at) => change({ at })}
            error={faults['rotate.timeAfterCreate'] ?? faults['rotate.timeBeforeExpiry'] ?? faults.rotate}
          />
        </>
      )}
      {notices && draft.expiry && (
        <OptionalSpan
          label="Notification time before expiry"
          switchLabel="Notify before expiry"
          value={draft.notify}
          initial={{ count: 30, unit: 'D' }}
          onChange={(notify) => change({ notify })}
          error={faults.notifyBeforeExpiry}
        />
      )}
    </div>
  )
}

function OptionalSpan(props: {
  label: string
  switchLabel: string
  value: Span | null
  initial: Span
  onChange: (value: Span | null) => void
  error?: string
}) {
  return (
    <>
      <Switch
        label={props.switchLabel}
        checked={props.value !== null}
        onChange={(_, data) => props.onChange(data.checked ? props.initial : null)}
      />
      {props.value && (
        <SpanField label={props.label} value={props.value} onChange={props.onChange} error={props.error} />
      )}
    </>
  )
}

function SpanField(props: { label: string; value: Span; onChange: (value: Span) => void; error?: string }) {
  const styles = useStyles()
  const { value, onChange } = props
  return (
    <Field label={props.label} validationMessage={props.error}>
      {/* The field labels the number; the unit says itself what it is. */}
      {(control) => (
        <div className={styles.span}>
          <Input
            {...control}
            className={styles.count}
            type="number"
            min={1}
            value={String(value.count)}
            onChange={(_, data) => onChange({ ...value, count: Math.max(0, Math.trunc(Number(data.value))) })}
          />
          <Select
            aria-label={`Unit of ${props.label.toLowerCase()}`}
            value={value.unit}
            onChange={(_, data) => onChange({ ...value, unit: data.value as Unit })}
          >
            {Object.entries(UNITS).map(([unit, name]) => (
              <option key={unit} value={unit}>
                {name}
              </option>
            ))}
          </Select>
        </div>
      )}
    </Field>
  )
}
