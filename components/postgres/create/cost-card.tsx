'use client'
import { makeStyles, Text, tokens } from '@fluentui/react-components'
import { useId } from 'react'
import { Panel } from '@/components/ui/section'
import { estimateMonthlyCost, formatMoney } from '@/server/postgres/prices'
import { useWizardValues } from './wizard-context'

const useStyles = makeStyles({
  title: { margin: 0, fontSize: tokens.fontSizeBase400, lineHeight: tokens.lineHeightBase400 },
  lines: { margin: `${tokens.spacingVerticalM} 0 0` },
  line: {
    display: 'grid',
    gridTemplateColumns: 'minmax(0, 1fr) auto',
    columnGap: tokens.spacingHorizontalM,
    paddingTop: tokens.spacingVerticalXS,
    paddingBottom: tokens.spacingVerticalXS,
  },
  amount: { margin: 0, fontVariantNumeric: 'tabular-nums' },
  detail: { display: 'block', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  total: {
    borderTop: `1px solid ${tokens.colorNeutralStroke1}`,
    marginTop: tokens.spacingVerticalS,
    paddingTop: tokens.spacingVerticalS,
    fontWeight: tokens.fontWeightSemibold,
  },
  notes: {
    margin: `${tokens.spacingVerticalM} 0 0`,
    padding: 0,
    listStyleType: 'none',
    color: tokens.colorNeutralForeground3,
    fontSize: tokens.fontSizeBase200,
  },
})

/** What a month would cost; it follows every choice. */
export function CostCard() {
  const styles = useStyles()
  const titleId = useId()
  const { basics } = useWizardValues()
  const { lines, total, notes } = estimateMonthlyCost(basics)
  return (
    <section aria-labelledby={titleId}>
      <Panel>
        <h2 id={titleId} className={styles.title}>
          Estimated costs
        </h2>
        <dl className={styles.lines}>
          {lines.map((line) => (
            <div key={line.label} className={styles.line}>
              <dt>
                {line.label}
                <Text className={styles.detail}>{line.detail}</Text>
              </dt>
              <dd className={styles.amount}>{line.amount ? formatMoney(line.amount) : 'included'}</dd>
            </div>
          ))}
          <div className={`${styles.line} ${styles.total}`}>
            <dt>Total a month</dt>
            <dd className={styles.amount} aria-live="polite">
              {formatMoney(total)}
            </dd>
          </div>
        </dl>
        <ul className={styles.notes}>
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      </Panel>
    </section>
  )
}
