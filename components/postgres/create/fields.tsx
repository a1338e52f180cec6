'use client'
import { Caption1, Checkbox, Input, makeStyles, Radio, RadioGroup, Select, tokens } from '@fluentui/react-components'
import { type ReactNode, useId } from 'react'
import { type FieldPath, type FieldPathValue, useController, useFormContext } from 'react-hook-form'
import { FieldWithInfo } from '@/components/ui/field-with-info'
import { useMedia } from './use-media'
import { useWizard } from './wizard-context'
import type { WizardValues } from './wizard-values'

export type Path = FieldPath<WizardValues>

const NARROW = '(max-width: 760px)'

/** Labels stand beside their fields where there is room, as in the portal that this one imitates. */
export const useOrientation = () => (useMedia(NARROW) ? 'vertical' : 'horizontal')

/** A field's value, its setter, and what is to be shown of its fault. */
export function useField<T = string>(path: Path) {
  const { control } = useFormContext<WizardValues>()
  const { errors, visibleError } = useWizard()
  const { field, fieldState } = useController({ name: path, control })
  const filled = field.value !== '' && field.value !== null
  return {
    value: field.value as T,
    set: (value: T) => field.onChange(value),
    /** Sets and counts as touched: a choice needs no second visit. */
    choose: (value: T) => {
      field.onChange(value)
      field.onBlur()
    },
    onBlur: field.onBlur,
    error: visibleError(path),
    valid: fieldState.isTouched && filled && !errors[path],
  }
}

type Common = {
  path: Path
  label: string
  info?: string
  required?: boolean
  hint?: string
}

/** Sets several values below one path at once, as touched. */
export function useAssign() {
  const { setValue } = useFormContext<WizardValues>()
  return <P extends Path>(path: P, value: FieldPathValue<WizardValues, P>) =>
    setValue(path, value, { shouldTouch: true })
}

export type TextFieldProps = Common & {
  type?: 'text' | 'password' | 'number'
  placeholder?: string
  pending?: string | null
  /** Within the box, at its end. */
  after?: ReactNode
  below?: ReactNode
  autoComplete?: string
}

export function TextField(props: TextFieldProps) {
  const { path, type = 'text', placeholder, after, below, autoComplete = 'off', ...field } = props
  const orientation = useOrientation()
  const { value, set, onBlur, error, valid } = useField<string | number | null>(path)
  const numeric = type === 'number'
  return (
    <div data-field={path}>
      <FieldWithInfo {...field} orientation={orientation} error={error} valid={valid && !field.pending}>
        <Input
          type={type}
          value={value === null ? '' : String(value)}
          onChange={(_, data) => set(numeric ? Number(data.value) : data.value)}
          onBlur={onBlur}
          placeholder={placeholder}
          contentAfter={after ? <span>{after}</span> : undefined}
          autoComplete={autoComplete}
          spellCheck={false}
        />
      </FieldWithInfo>
      {below && <UnderControl>{below}</UnderControl>}
    </div>
  )
}

export type Option = { value: string; label: string; disabled?: boolean }
export type OptionGroup = { label: string; options: Option[] }

export type SelectFieldProps = Common & {
  options?: Option[]
  groups?: OptionGroup[]
  /** Shown while nothing is chosen. */
  placeholder?: string
  /** Instead of writing the value to the form. */
  onChoose?: (value: string) => void
  numeric?: boolean
  below?: ReactNode
}

export function SelectField(props: SelectFieldProps) {
  const { path, options, groups, placeholder, onChoose, numeric, below, ...field } = props
  const orientation = useOrientation()
  const { value, choose, onBlur, error, valid } = useField<string | number | null>(path)
  const known = [...(options ?? []), ...(groups ?? []).flatMap((g) => g.options)].map((o) => o.value)
  // A link may name what its reader cannot see.
  const unknown = value !== null && value !== '' && !known.includes(String(value))
  const change = (chosen: string) => (onChoose ? onChoose(chosen) : choose(numeric ? Number(chosen) : chosen))
  return (
    <div data-field={path}>
      <FieldWithInfo {...field} orientation={orientation} error={error} valid={valid}>
        <Select
          value={String(value ?? '')}
          onChange={(_, data) => change(data.value)}
          onBlur={onBlur}
          // Otherwise its longest option would set the width of the page.
          select={{ style: { width: '100%' } }}
        >
          {placeholder !== undefined && <option value="">{placeholder}</option>}
          {unknown && (
            <option value={String(value)} disabled>
              {value} (not available to you)
            </option>
          )}
          {options?.map(asOption)}
          {groups?.map((group) => (
            <optgroup key={group.label} label={group.label}>
              {group.options.map(asOption)}
            </optgroup>
          ))}
        </Select>
      </FieldWithInfo>
      {below && <UnderControl>{below}</UnderControl>}
    </div>
  )
}

/** What stands in a field without being one control; takes the field's label and error, but claims no value. */
export function FieldGroup(props: {
  className?: string
  children: ReactNode
  'aria-labelledby'?: string
  'aria-describedby'?: string
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser.
    <div
      role="group"
      className={props.className}
      aria-labelledby={props['aria-labelledby']}
      aria-describedby={props['aria-describedby']}
    >
      {props.children}
    </div>
  )
}

const asOption = ({ value, label, disabled }: Option) => (
  <option key={value} value={value} disabled={disabled}>
    {label}
  </option>
)

export type RadioOption = Option & { hint?: ReactNode }

export function RadioField(
  props: Common & { options: RadioOption[]; onChoose?: (value: string) => void; layout?: 'vertical' | 'horizontal' },
) {
  const { path, options, onChoose, layout, ...field } = props
  const orientation = useOrientation()
  const { value, choose, error } = useField(path)
  return (
    <div data-field={path}>
      <FieldWithInfo {...field} orientation={orientation} error={error}>
        <RadioGroup value={value} layout={layout} onChange={(_, data) => (onChoose ?? choose)(data.value)}>
          {options.map((option) => (
            <Radio
              key={option.value}
              value={option.value}
              disabled={option.disabled}
              label={
                option.hint ? (
                  <>
                    {option.label}
                    <br />
                    <small>{option.hint}</small>
                  </>
                ) : (
                  option.label
                )
              }
            />
          ))}
        </RadioGroup>
      </FieldWithInfo>
    </div>
  )
}

const useStyles = makeStyles({
  // Where the control stands beside a label of a third.
  indented: { paddingLeft: '33.3%', '@media (max-width: 760px)': { paddingLeft: 0 } },
  hint: { display: 'block', paddingLeft: '32px', color: tokens.colorNeutralForeground3 },
  error: { display: 'block', paddingLeft: '32px', color: tokens.colorPaletteRedForeground1 },
})

/** Stands under the controls of the fields around it. */
export function UnderControl({ children }: { children: ReactNode }) {
  return <div className={useStyles().indented}>{children}</div>
}

export type CheckFieldProps = {
  path: Path
  label: string
  hint?: string
  /** Says why it cannot be ticked; it can still be unticked. */
  unavailable?: string | null
  onChoose?: (checked: boolean) => void
}

export function CheckField({ path, label, hint, unavailable, onChoose }: CheckFieldProps) {
  const styles = useStyles()
  const id = useId()
  const { value, choose, error } = useField<boolean>(path)
  const text = error ?? unavailable ?? hint
  return (
    <UnderControl>
      <div data-field={path}>
        <Checkbox
          label={label}
          checked={value}
          disabled={!!unavailable && !value}
          onChange={(_, data) => (onChoose ?? choose)(data.checked === true)}
          aria-describedby={text ? id : undefined}
        />
        {text && (
          <Caption1 id={id} className={error ? styles.error : styles.hint} role={error ? 'alert' : undefined}>
            {text}
          </Caption1>
        )}
      </div>
    </UnderControl>
  )
}
