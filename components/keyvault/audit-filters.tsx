'use client'
import { Input, makeStyles, Select, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import type { AuditFilters } from './keyvault-query'

const useStyles = makeStyles({
  tool: { display: 'flex', alignItems: 'center', columnGap: tokens.spacingHorizontalXS },
  text: { width: '150px' },
})

const OPERATIONS = [
  'KeyUnwrap',
  'KeyWrap',
  'KeyGet',
  'KeyList',
  'KeyCreate',
  'KeyUpdate',
  'KeyRotate',
  'KeyDelete',
  'KeyRecover',
  'KeyPurge',
  'Authentication',
]
const SPANS: [hours: string, label: string][] = [
  ['', 'All'],
  ['1', 'Last hour'],
  ['24', 'Last day'],
  ['168', 'Last week'],
]

type Change = (patch: Partial<Record<keyof AuditFilters, string>>) => void

/** Filters that the server applies, so that they reach records that are not loaded yet. */
export function AuditFilterTools({ filters, onChange }: { filters: AuditFilters; onChange: Change }) {
  const { operation = '' } = filters
  const operations = [...new Set([...OPERATIONS, ...(operation ? [operation] : [])])]
  return (
    <>
      <Choice label="Time" value={filters.hours ?? ''} options={SPANS} onChange={(hours) => onChange({ hours })} />
      <Choice
        label="Operation"
        value={operation}
        options={[['', 'All'], ...operations.map((name): [string, string] => [name, name])]}
        onChange={(chosen) => onChange({ operation: chosen })}
      />
      <Choice
        label="Outcome"
        value={filters.result ?? ''}
        options={[
          ['', 'All'],
          ['Success', 'Success'],
          ['Failure', 'Failure'],
        ]}
        onChange={(result) => onChange({ result })}
      />
      <TextFilter label="Caller" value={filters.caller} onChange={(caller) => onChange({ caller })} />
      <TextFilter label="Address" value={filters.address} onChange={(address) => onChange({ address })} />
      <TextFilter
        label="Correlation id"
        value={filters.correlation}
        onChange={(correlation) => onChange({ correlation })}
      />
    </>
  )
}

function Choice(props: {
  label: string
  value: string
  options: [value: string, label: string][]
  onChange: (value: string) => void
}) {
  const styles = useStyles()
  const id = `audit-${props.label.toLowerCase()}`
  return (
    <div className={styles.tool}>
      <label htmlFor={id}>{props.label}</label>
      <Select id={id} size="small" value={props.value} onChange={(_, data) => props.onChange(data.value)}>
        {props.options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
    </div>
  )
}

/** Takes effect on Enter and when the box is left: each change is a request. */
function TextFilter(props: { label: string; value: string | undefined; onChange: (value: string) => void }) {
  const styles = useStyles()
  const [draft, setDraft] = useState(props.value ?? '')
  const id = `audit-${props.label.toLowerCase().replace(' ', '-')}`
  const apply = () => {
    if (draft.trim() !== (props.value ?? '')) props.onChange(draft.trim())
  }
  return (
    <div className={styles.tool}>
      <label htmlFor={id}>{props.label}</label>
      <Input
        id={id}
        className={styles.text}
        size="small"
        value={draft}
        onChange={(_, data) => setDraft(data.value)}
        onBlur={apply}
        onKeyDown={(event) => event.key === 'Enter' && apply()}
      />
    </div>
  )
}
