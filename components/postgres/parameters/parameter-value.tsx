import { Button, Field, Input, makeStyles, Select, Switch, Tooltip, tokens } from '@fluentui/react-components'
import { ArrowResetRegular } from '@fluentui/react-icons/svg/arrow-reset'
import { memo } from 'react'
import type { ParameterView } from '@/server/postgres/contract'

const useStyles = makeStyles({
  row: { display: 'flex', alignItems: 'start', columnGap: tokens.spacingHorizontalXS, minWidth: '220px' },
  field: { flexGrow: 1 },
  plain: { overflowWrap: 'anywhere' },
  narrow: { '& input': { minWidth: 0 } },
})

type Props = {
  parameter: ParameterView
  value: string
  fault: string | undefined
  /** Nobody but who may change it can type. */
  disabled: boolean
  canReset: boolean
  onChange: (parameter: ParameterView, value: string | null) => void
}

/** A parameter's value in the control that fits its type, and a way back to its default. */
export const ParameterValue = memo(function ParameterValue(props: Props) {
  const styles = useStyles()
  const { parameter, value, fault, canReset, disabled, onChange } = props
  if (parameter.readOnlyReason !== null) return <span className={styles.plain}>{value || '(empty)'}</span>
  const { range, unit, defaultValue } = parameter
  const reset = `Set ${parameter.name} back to its default, ${defaultValue || 'empty'}`
  return (
    <div className={styles.row}>
      <Field
        className={styles.field}
        validationState={fault ? 'error' : 'none'}
        validationMessage={fault}
        hint={range ? `${range.min} to ${range.max}${unit ? ` × ${unit}` : ''}` : undefined}
      >
        <Control {...props} />
      </Field>
      {canReset && !disabled && (
        <Tooltip content={reset} relationship="label" withArrow>
          <Button
            appearance="subtle"
            size="small"
            icon={<ArrowResetRegular />}
            onClick={() => onChange(parameter, null)}
          />
        </Tooltip>
      )}
    </div>
  )
})

function Control({ parameter, value, disabled, onChange }: Props) {
  const styles = useStyles()
  const { name, type, choices } = parameter
  const give = (_: unknown, data: { value: string }) => onChange(parameter, data.value)
  if (type === 'Boolean')
    return (
      <Switch
        aria-label={name}
        label={value}
        checked={value === 'on'}
        disabled={disabled}
        onChange={(_, data) => onChange(parameter, data.checked ? 'on' : 'off')}
      />
    )
  if (choices)
    return (
      <Select aria-label={name} size="small" value={value} disabled={disabled} onChange={give}>
        {choices.map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </Select>
    )
  return (
    <Input
      aria-label={name}
      size="small"
      className={styles.narrow}
      inputMode={type === 'String' ? 'text' : 'decimal'}
      value={value}
      disabled={disabled}
      onChange={give}
      autoComplete="off"
      spellCheck={false}
    />
  )
}
