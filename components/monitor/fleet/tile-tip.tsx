'use client'
import { makeStyles, tokens } from '@fluentui/react-components'
import { RelativeTime } from '@/components/portal/instant'
import { StateBadge } from '@/components/ui/state-badge'
import type { Tile } from './tile-groups'
import type { TileSize } from './tile-layout'

const WIDTH = 280

const useStyles = makeStyles({
  tip: {
    position: 'absolute',
    zIndex: 5,
    width: `${WIDTH}px`,
    maxWidth: '90vw',
    boxSizing: 'border-box',
    pointerEvents: 'none',
    display: 'flex',
    flexDirection: 'column',
    rowGap: tokens.spacingVerticalXXS,
    padding: `${tokens.spacingVerticalS} ${tokens.spacingHorizontalM}`,
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorNeutralForeground1,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
    boxShadow: tokens.shadow16,
    fontSize: tokens.fontSizeBase200,
  },
  name: { fontWeight: tokens.fontWeightSemibold, fontSize: tokens.fontSizeBase300, overflowWrap: 'anywhere' },
  muted: { color: tokens.colorNeutralForeground2, overflowWrap: 'anywhere' },
})

/** What a tile stands for, beside it. Screen readers hear the same from the list. */
export function TileTip(props: {
  tile: Tile
  at: { x: number; y: number }
  size: TileSize
  frame: HTMLElement | null
}) {
  const styles = useStyles()
  const { tile, at, size, frame } = props
  const top = at.y - (frame?.scrollTop ?? 0) + size.height + 2
  const left = Math.max(0, Math.min(at.x, (frame?.clientWidth ?? WIDTH) - WIDTH))
  return (
    <div aria-hidden="true" className={styles.tip} style={{ top, left }}>
      <span className={styles.name}>{tile.name}</span>
      <span>
        <StateBadge state={tile.state} /> <RelativeTime at={new Date(tile.sinceMs).toISOString()} />
      </span>
      {tile.cause && <strong>{tile.cause}</strong>}
      <span className={styles.muted}>
        {tile.key ?? 'Service-managed key'} · {tile.region} · {tile.subscription}
      </span>
    </div>
  )
}
