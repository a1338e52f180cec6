'use client'
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Section } from '@/components/ui/section'
import { StateBadge } from '@/components/ui/state-badge'
import { EmptyState } from '@/components/ui/states'
import type { StateChangeView } from '@/server/postgres/contract'

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  item: {
    display: 'grid',
    gridTemplateColumns: '150px 140px minmax(0, 1fr)',
    columnGap: tokens.spacingHorizontalM,
    alignItems: 'baseline',
    paddingTop: tokens.spacingVerticalS,
    paddingBottom: tokens.spacingVerticalS,
    paddingLeft: tokens.spacingHorizontalL,
    borderLeft: `2px solid ${tokens.colorNeutralStroke1}`,
    position: 'relative',
    '::before': {
      content: '""',
      position: 'absolute',
      left: '-6px',
      top: '15px',
      width: '10px',
      height: '10px',
      borderRadius: '50%',
      backgroundColor: tokens.colorNeutralForeground3,
    },
    '@media (max-width: 720px)': { gridTemplateColumns: '1fr' },
  },
  good: { '::before': { backgroundColor: tokens.colorStatusSuccessForeground1 } },
  bad: { '::before': { backgroundColor: tokens.colorStatusDangerForeground1 } },
  when: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

const GOOD: StateChangeView['to'][] = ['Ready', 'Healthy']
const BAD: StateChangeView['to'][] = ['Inaccessible', 'Degraded']

/** Every state the server, or its standby, was in, newest first, with why. */
export function StateHistory({ title, history }: { title: string; history: StateChangeView[] }) {
  const styles = useStyles()
  return (
    <Section title={title}>
      {history.length === 0 && <EmptyState title="No change of state yet" />}
      <ol className={styles.list} reversed>
        {history.map((change) => (
          <li
            key={`${change.at} ${change.to} ${change.correlationId}`}
            className={mergeClasses(
              styles.item,
              GOOD.includes(change.to) && styles.good,
              BAD.includes(change.to) && styles.bad,
            )}
          >
            <span className={styles.when}>
              <Instant at={change.at} seconds />
            </span>
            <StateBadge state={change.to} />
            <span>
              {change.title || `From ${change.from ?? 'nothing'}`}{' '}
              <AppLink href={`${paths.activity()}?correlation=${change.correlationId}`} inline>
                What else happened
              </AppLink>
            </span>
          </li>
        ))}
      </ol>
    </Section>
  )
}
