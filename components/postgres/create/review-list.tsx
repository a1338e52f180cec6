'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { KeyIdentifier } from '@/components/ui/key-identifier'
import { Section } from '@/components/ui/section'
import type { ReviewGroup } from './review-groups'

const useStyles = makeStyles({
  list: { margin: 0, display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalXS },
  row: {
    display: 'grid',
    gridTemplateColumns: 'minmax(160px, 1fr) minmax(0, 2fr)',
    columnGap: tokens.spacingHorizontalM,
    '@media (max-width: 760px)': { gridTemplateColumns: 'minmax(0, 1fr)' },
  },
  label: { color: tokens.colorNeutralForeground3, overflowWrap: 'anywhere' },
  value: { margin: 0, overflowWrap: 'anywhere' },
})

/** A request in words, by tab. */
export function ReviewList({ groups }: { groups: ReviewGroup[] }) {
  const styles = useStyles()
  return groups.map((group) => (
    <Section key={group.tab} title={group.title}>
      {group.values.length ? (
        <dl className={styles.list}>
          {group.values.map(({ label, value, mono }) => (
            <div key={label} className={styles.row}>
              <dt className={styles.label}>{label}</dt>
              <dd className={styles.value}>{mono && value ? <KeyIdentifier uri={value} link /> : value || '-'}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <span className={styles.label}>None</span>
      )}
    </Section>
  ))
}
