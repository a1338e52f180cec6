'use client'
import { makeStyles, Select, tokens } from '@fluentui/react-components'
import { useId } from 'react'

const useStyles = makeStyles({
  choice: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS, minWidth: 0 },
  select: { maxWidth: '220px' },
})

export type Option = { value: string; label: string }

/** A small labelled list for the tools above a view. A value that is no option any more stays, so that it can be cleared. */
export function Choice(props: { label: string; value: string; options: Option[]; onChange: (value: string) => void }) {
  const styles = useStyles()
  const id = useId()
  const { value, options } = props
  const all = options.some((o) => o.value === value) ? options : [...options, { value, label: value }]
  return (
    <div className={styles.choice}>
      <label htmlFor={id}>{props.label}</label>
      <Select
        id={id}
        size="small"
        className={styles.select}
        value={value}
        onChange={(_, data) => props.onChange(data.value)}
      >
        {all.map((o) => (
          <option key={o.value} value={o.value}>
            {o.label}
          </option>
        ))}
      </Select>
    </div>
  )
}

/** "All" and then each value as itself. */
export const withAll = (values: string[]): Option[] => [
  { value: '', label: 'All' },
  ...values.map((value) => ({ value, label: value })),
]
