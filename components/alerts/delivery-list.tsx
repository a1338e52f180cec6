'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { Instant } from '@/components/portal/instant'
import type { DeliveryView } from '@/server/alerts/contract'
import { DeliveryBadge } from './alert-looks'

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: { padding: `${tokens.spacingVerticalS} 0`, borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  head: { display: 'flex', flexWrap: 'wrap', columnGap: tokens.spacingHorizontalM },
  small: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200, overflowWrap: 'anywhere' },
  attempts: { margin: 0, paddingLeft: tokens.spacingHorizontalXL },
})

/** What was sent to whom, with every attempt. */
export function DeliveryList({ deliveries }: { deliveries: DeliveryView[] }) {
  const styles = useStyles()
  if (deliveries.length === 0) return <p className={styles.small}>Nothing was sent.</p>
  return (
    <ul className={styles.list}>
      {deliveries.map((d) => (
        <li key={d.id} className={styles.item}>
          <div className={styles.head}>
            <strong>{d.receiver}</strong>
            <DeliveryBadge status={d.status} />
            <span className={styles.small}>
              {d.occasion}, {d.channel}, <Instant at={d.createdAt} seconds />
            </span>
          </div>
          <div className={styles.small}>{d.target}</div>
          {d.lastError && <div className={styles.small}>{d.lastError}</div>}
          {d.attempts.length > 0 && (
            <ol className={styles.attempts} aria-label={`Attempts for ${d.receiver}`}>
              {d.attempts.map((a) => (
                <li key={`${a.at} ${a.workMs}`} className={styles.small}>
                  <Instant at={a.at} seconds /> · {a.message} · {Math.round(a.workMs)} ms
                </li>
              ))}
            </ol>
          )}
        </li>
      ))}
    </ul>
  )
}
