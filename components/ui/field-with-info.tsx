'use client'
import { Field, InfoLabel, makeStyles, tokens } from '@fluentui/react-components'
import { CheckmarkFilled } from '@fluentui/react-icons/svg/checkmark'
import { cloneElement, type ReactElement } from 'react'

const useStyles = makeStyles({
  control: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalS },
  grow: { flexGrow: 1, minWidth: 0, '& > *': { width: '100%' } },
  tick: { color: tokens.colorStatusSuccessForeground1, fontSize: '16px', flexShrink: 0 },
})

export type FieldWithInfoProps = {
  label: string
  /** Shown on demand by the icon after the label. */
  info?: ReactElement | string
  required?: boolean
  /** Under the field, in red, announced to screen readers. */
  error?: string | null
  /** Shows a green tick beside the control (unless there is an error). */
  valid?: boolean
  hint?: string | ReactElement
  /** While a rule is checked on the server: "Checking the name..." */
  pending?: string | null
  orientation?: 'vertical' | 'horizontal'
  /** Exactly one Fluent control (Input, Select, Combobox, ...): it gets the field's label and error. */
  children: ReactElement
}

/** A form field as the wizard draws it. */
export function FieldWithInfo(props: FieldWithInfoProps) {
  const styles = useStyles()
  const { label, info, error, pending } = props
  return (
    <Field
      required={props.required}
      orientation={props.orientation}
      hint={props.hint}
      validationState={error ? 'error' : 'none'}
      validationMessage={error || pending || undefined}
      label={
        info
          ? {
              children: (_: unknown, labelProps: object) => (
                <InfoLabel {...labelProps} info={info}>
                  {label}
                </InfoLabel>
              ),
            }
          : label
      }
    >
      {(control) => (
        <div className={styles.control}>
          <div className={styles.grow}>{cloneElement(props.children, control)}</div>
          {props.valid && !error && <CheckmarkFilled className={styles.tick} aria-label="Valid" role="img" />}
        </div>
      )}
    </Field>
  )
}
