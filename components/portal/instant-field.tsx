'use client'
import { Checkbox, Field, Input, makeStyles, tokens } from '@fluentui/react-components'
import { useTickingNow } from '@/components/portal/use-ticking-now'
import { fromInput, toInput } from './instant-input'

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column' },
  input: { paddingLeft: '32px', paddingBottom: tokens.spacingVerticalS },
})

const MINUTE_MS = 60_000

/** An optional instant: a checkbox, then date and time in UTC of the virtual clock. `value` is ISO 8601 or null. */
export function InstantField(props: {
  /** "Set expiration date" */
  label: string
  /** "Expiration date" */
  name: string
  value: string | null
  onChange: (value: string | null) => void
  /** What ticking the box sets, in days from virtual now. */
  suggestDays: number
  error?: string | null
}) {
  const styles = useStyles()
  const now = useTickingNow(MINUTE_MS)
  const suggest = () => new Date(now + props.suggestDays * 24 * 60 * MINUTE_MS).toISOString()
  return (
    <div className={styles.root}>
      <Checkbox
        label={props.label}
        checked={props.value !== null}
        onChange={(_, data) => props.onChange(data.checked ? suggest() : null)}
      />
      {props.value !== null && (
        <Field
          className={styles.input}
          label={`${props.name} (UTC, virtual time)`}
          validationMessage={props.error ?? undefined}
        >
          <Input
            type="datetime-local"
            value={toInput(props.value)}
            onChange={(_, data) => data.value && props.onChange(fromInput(data.value))}
          />
        </Field>
      )}
    </div>
  )
}
