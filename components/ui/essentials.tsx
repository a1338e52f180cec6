'use client'
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { CopyButton } from './copy-button'

const useStyles = makeStyles({
  list: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fit, minmax(min(100%, 380px), 1fr))',
    columnGap: tokens.spacingHorizontalXXXL,
    margin: 0,
  },
  row: {
    display: 'grid',
    gridTemplateColumns: 'min(160px, 36%) minmax(0, 1fr)',
    columnGap: tokens.spacingHorizontalM,
    alignItems: 'center',
    minHeight: '28px',
    paddingTop: '2px',
    paddingBottom: '2px',
  },
  label: { color: tokens.colorNeutralForeground3 },
  value: { margin: 0, overflowWrap: 'anywhere', display: 'flex', alignItems: 'center', flexWrap: 'wrap' },
  // A long value wraps beside its button, instead of sending the button below.
  copied: { flexWrap: 'nowrap' },
})

export type Essential = {
  label: string
  value: ReactNode
  /** Adds a copy button that copies this text. */
  copy?: string
}

/** The facts at the head of a resource's page, in two columns where there is room. Empty values show a dash. */
export function Essentials({ items }: { items: Essential[] }) {
  const styles = useStyles()
  return (
    <dl className={styles.list}>
      {items.map((item) => (
        <div key={item.label} className={styles.row}>
          <dt className={styles.label}>{item.label}</dt>
          <dd className={mergeClasses(styles.value, item.copy && styles.copied)}>
            {item.value === null || item.value === undefined || item.value === '' ? '-' : item.value}
            {item.copy && <CopyButton value={item.copy} label={`Copy ${item.label.toLowerCase()}`} />}
          </dd>
        </div>
      ))}
    </dl>
  )
}
