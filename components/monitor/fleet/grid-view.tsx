'use client'
import { makeStyles, SearchBox, tokens } from '@fluentui/react-components'
import { HeartPulseRegular } from '@fluentui/react-icons/svg/heart-pulse'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { ButtonLink } from '@/components/ui/button-link'
import { Loaded } from '@/components/ui/loaded'
import { EmptyState } from '@/components/ui/states'
import { useTheme } from '@/components/ui/theme-context'
import { useUrlState } from '@/components/ui/use-url-state'
import type { FleetTilesView } from '@/server/monitor/contract/fleet'
import { Choice, withAll } from './choice'
import { pngOf } from './download'
import { ExportMenu } from './export-menu'
import { sheetOfTiles } from './export-text'
import { horizonQuery, tilesQuery } from './fleet-queries'
import { dangersOf } from './horizon-rows'
import { LookLegend } from './look-legend'
import { TileCanvas } from './tile-canvas'
import {
  countLooks,
  FILTERS,
  filterTiles,
  GROUPINGS,
  type Grouping,
  groupTiles,
  type Tile,
  type TileFilter,
  toTiles,
  valuesOf,
} from './tile-groups'
import { layoutTiles } from './tile-layout'
import { type Palette, paintGrid, paletteOf } from './tile-paint'
import { TimeTravel } from './time-travel'
import { useWall } from './use-wall'
import { useWidth } from './use-width'
import { oneOf } from './views'

const GROUPING_LABELS: Record<Grouping, string> = {
  none: 'Nothing',
  subscription: 'Subscription',
  region: 'Region',
  store: 'Vault',
  key: 'Key',
}
const HEIGHT = 560
const NARROWING = ['subscription', 'region', 'store', 'key'] as const
const NO_DANGERS: ReadonlyMap<string, string> = new Map()

const useStyles = makeStyles({
  root: { display: 'flex', flexDirection: 'column', rowGap: tokens.spacingVerticalM, minWidth: 0 },
  tools: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  count: { marginLeft: 'auto', color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

/** One tile a server. */
export function GridView() {
  const styles = useStyles()
  const [params] = useUrlState()
  const query = useQuery(tilesQuery(params.get('at')))
  return (
    <div className={styles.root}>
      {params.get('wall') !== '1' && <TimeTravel />}
      <Loaded query={query} label="the fleet">
        {(view) => <Grid view={view} />}
      </Loaded>
    </div>
  )
}

function Grid({ view }: { view: FleetTilesView }) {
  const styles = useStyles()
  const [params, change] = useUrlState()
  const wall = useWall()
  const { name: theme } = useTheme()
  const { data: horizon } = useQuery(horizonQuery)
  const [box, width] = useWidth<HTMLDivElement>()
  const filter = Object.fromEntries(FILTERS.map((f) => [f, params.get(f) ?? ''])) as TileFilter
  const by = oneOf(GROUPINGS, params.get('group'), 'store')
  const all = useMemo(() => toTiles(view, horizon ? dangersOf(horizon) : NO_DANGERS), [view, horizon])
  const wanted = JSON.stringify(filter)
  const tiles = useMemo(() => filterTiles(all, JSON.parse(wanted) as TileFilter), [all, wanted])
  // The legend is itself a filter, so that it counts what the other filters leave.
  const counts = useMemo(
    () => countLooks(filterTiles(all, { ...(JSON.parse(wanted) as TileFilter), look: '' })),
    [all, wanted],
  )
  const fit = wall ? Math.max(240, wall - 210) : HEIGHT
  const layout = useMemo(() => (width ? layoutTiles(groupTiles(tiles, by), width, fit) : null), [tiles, by, width, fit])
  if (all.length === 0) return <NoServers past={view.past} />
  return (
    <>
      <LookLegend counts={counts} chosen={filter.look} onChoose={(look) => change({ look })} large={wall !== null} />
      {wall === null && (
        <div className={styles.tools}>
          <SearchBox
            size="small"
            placeholder="Filter by text"
            aria-label="Filter servers by text"
            value={filter.q}
            onChange={(_, data) => change({ q: data.value })}
          />
          <Choice
            label="Group by"
            value={by}
            options={GROUPINGS.map((value) => ({ value, label: GROUPING_LABELS[value] }))}
            onChange={(group) => change({ group })}
          />
          {NARROWING.map((of) => (
            <Choice
              key={of}
              label={GROUPING_LABELS[of]}
              value={filter[of]}
              options={withAll(valuesOf(all, of))}
              onChange={(value) => change({ [of]: value })}
            />
          ))}
          {filter.state && (
            <Choice
              label="State"
              value={filter.state}
              options={withAll(valuesOf(all, 'state'))}
              onChange={(state) => change({ state })}
            />
          )}
          <ExportMenu
            name="fleet-grid"
            sheet={() => sheetOfTiles(tiles)}
            png={() => picture(tiles, by, paletteOf(theme))}
          />
          <span className={styles.count} role="status">
            {tiles.length} of {all.length} servers
          </span>
        </div>
      )}
      <div ref={box}>
        {layout && tiles.length > 0 && (
          <TileCanvas
            layout={layout}
            height={Math.min(layout.height, wall ? fit : HEIGHT + 80)}
            label="Fleet grid: arrow keys move, Enter opens the server"
            hrefOf={(tile) => paths.server(tile.name)}
          />
        )}
        {tiles.length === 0 && <EmptyState title="Nothing matches the filters" text="Clear a filter to see more." />}
      </div>
      {wall === null && !view.past && (
        <span>
          The same as a list:{' '}
          <AppLink inline href={paths.fleet({ state: filter.state, q: filter.q })}>
            Table
          </AppLink>
        </span>
      )}
    </>
  )
}

function NoServers({ past }: { past: boolean }) {
  return (
    <EmptyState
      icon={<HeartPulseRegular />}
      title={past ? 'No server was there then' : 'No servers to watch'}
      text={past ? 'Move the slider to a later time.' : 'There is none yet, or the person you act as may read none.'}
      action={past ? undefined : <ButtonLink href={paths.createPostgres()}>Create a server</ButtonLink>}
    />
  )
}

const PICTURE_WIDTH = 1600
/** Beyond it browsers refuse a canvas. */
const PICTURE_MAX_HEIGHT = 16_000

/** The whole grid, not only what is seen of it. */
function picture(tiles: Tile[], by: Grouping, colors: Palette): Promise<Blob> {
  const layout = layoutTiles(groupTiles(tiles, by), PICTURE_WIDTH, 1200)
  const height = Math.min(layout.height, PICTURE_MAX_HEIGHT)
  const canvas = document.createElement('canvas')
  canvas.width = PICTURE_WIDTH
  canvas.height = height
  paintGrid(canvas.getContext('2d')!, { layout, colors, scrollTop: 0, width: PICTURE_WIDTH, height, active: null })
  return pngOf(canvas)
}
