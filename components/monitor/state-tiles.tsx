'use client'
import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { WarningFilled } from '@fluentui/react-icons/svg/warning'
import Link from 'next/link'
import { STATE_LOOKS } from '@/components/ui/state-badge'
import { StatusPill } from '@/components/ui/status-pill'
import type { FleetView } from '@/server/monitor/contract'
import type { ServerState } from '@/server/postgres/model'
import { LOOKS, lookOf } from './fleet/looks'

const useStyles = makeStyles({
  list: {
    display: 'grid',
    gridTemplateColumns: 'repeat(auto-fill, minmax(min(132px, 44vw), 1fr))',
    gap: tokens.spacingHorizontalM,
    listStyleType: 'none',
    margin: 0,
    padding: 0,
  },
  tile: {
    display: 'flex',
    flexDirection: 'column',
    rowGap: tokens.spacingVerticalXXS,
    padding: `${tokens.spacingVerticalM} ${tokens.spacingHorizontalL}`,
    borderRadius: tokens.borderRadiusLarge,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    ':hover': { backgroundColor: tokens.colorNeutralBackground1Hover },
    ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  alarming: { borderLeft: `3px solid ${tokens.colorStatusDangerBorder2}` },
  warning: { borderLeft: `3px solid ${tokens.colorStatusWarningBorder2}` },
  chosen: {
    borderTopColor: tokens.colorCompoundBrandStroke,
    borderBottomColor: tokens.colorCompoundBrandStroke,
    borderRightColor: tokens.colorCompoundBrandStroke,
    borderLeftColor: tokens.colorCompoundBrandStroke,
    backgroundColor: tokens.colorNeutralBackground1Selected,
  },
  count: {
    fontSize: tokens.fontSizeHero700,
    lineHeight: tokens.lineHeightHero700,
    fontWeight: tokens.fontWeightSemibold,
    fontVariantNumeric: 'tabular-nums',
  },
  label: { color: tokens.colorNeutralForeground2 },
})

/** The two states that the story turns on, and every other one that some server is in; what needs somebody comes first. */
const shownStates = (counts: FleetView['counts']): ServerState[] =>
  (Object.keys(counts) as ServerState[])
    .filter((s) => s === 'Ready' || s === 'Inaccessible' || counts[s] > 0)
    .sort((a, b) => LOOKS.indexOf(lookOf(a, false)) - LOOKS.indexOf(lookOf(b, false)))

const DANGER_LOOK: (typeof STATE_LOOKS)[ServerState] = ['warning', <WarningFilled key="i" />]
const pillOf = (state: TileState) => (state === IN_DANGER ? DANGER_LOOK : STATE_LOOKS[state])

/** Ready, yet about to fall unless somebody acts. */
export const IN_DANGER = 'In danger'
type TileState = ServerState | typeof IN_DANGER

/**
 * How many servers are in which state; each count leads to those servers.
 * @param props.inDanger how many of the Ready ones are about to fall; they are counted there and not as Ready.
 */
export function StateTiles(props: {
  counts: FleetView['counts']
  inDanger?: number
  hrefOf: (state: TileState | null) => string
  chosen?: string | null
}) {
  const styles = useStyles()
  const total = Object.values(props.counts).reduce((sum, n) => sum + n, 0)
  const { counts, inDanger = 0 } = props
  const tile = (state: TileState | null, count: number) => (
    <li key={state ?? 'all'}>
      <Link
        href={props.hrefOf(state)}
        scroll={false}
        aria-current={props.chosen !== undefined && (props.chosen || null) === state ? 'true' : undefined}
        className={mergeClasses(
          styles.tile,
          state === 'Inaccessible' && count > 0 && styles.alarming,
          state === IN_DANGER && styles.warning,
          props.chosen !== undefined && (props.chosen || null) === state && styles.chosen,
        )}
      >
        <span className={styles.count}>{count}</span>
        {state ? (
          <StatusPill tone={pillOf(state)[0]} icon={pillOf(state)[1]}>
            {state}
          </StatusPill>
        ) : (
          <span className={styles.label}>All servers</span>
        )}
      </Link>
    </li>
  )
  return (
    <ul className={styles.list} aria-label="Servers by state">
      {tile(null, total)}
      {shownStates(counts).flatMap((state) => [
        tile(state, state === 'Ready' ? counts.Ready - inDanger : counts[state]),
        state === 'Inaccessible' && inDanger > 0 && tile(IN_DANGER, inDanger),
      ])}
    </ul>
  )
}
