import { expect, test } from 'vitest'
import { sheetOfTiles, toCsv, toObjects } from '@/components/monitor/fleet/export-text'
import { bucketOf, countBuckets, dangersOf } from '@/components/monitor/fleet/horizon-rows'
import { changesOf, clusterMarkers, neighbours, ticksOf, xOf } from '@/components/monitor/fleet/lanes-layout'
import { LOOKS, lookOf } from '@/components/monitor/fleet/looks'
import { filterTiles, groupTiles, type TileFilter, toTiles, valuesOf } from '@/components/monitor/fleet/tile-groups'
import { layoutTiles, placeOf, step, tileAt } from '@/components/monitor/fleet/tile-layout'
import type { FleetTilesView, HorizonKey, LaneMarker } from '@/server/monitor/contract/fleet'
import { SERVER_STATES } from '@/server/postgres/model'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.parse('2026-11-24T12:00:00.000Z')

/** Servers over four vaults; every hundredth of the first vault has fallen. */
function fleet(count: number, past = false): FleetTilesView {
  const all = Array.from({ length: count }, (_, i) => i)
  const fell = (i: number) => i % 4 === 0 && i % 100 === 0
  return {
    atMs: NOW,
    past,
    names: all.map((i) => `server-${i}`),
    states: ['Ready', 'Inaccessible'],
    state: all.map((i) => (fell(i) ? 1 : 0)),
    sinceMs: all.map(() => NOW - HOUR),
    subscriptions: [{ id: 's', name: 'Production' }],
    subscription: all.map(() => 0),
    regions: ['northeurope', 'westeurope'],
    region: all.map((i) => i % 2),
    stores: ['kv-a', 'kv-b', 'kv-c'],
    store: all.map((i) => (i % 4 === 3 ? -1 : i % 4)),
    keys: ['kv-a/cmk', 'kv-b/cmk', 'kv-c/cmk'],
    key: all.map((i) => (i % 4 === 3 ? -1 : i % 4)),
    causes: ['The key version is disabled'],
    cause: all.map((i) => (fell(i) ? 0 : -1)),
  }
}
const NONE: TileFilter = { q: '', look: '', state: '', subscription: '', region: '', store: '', key: '' }
const NO_DANGER = new Map<string, string>()

test('every state has a look, and a server that works on a key about to end is told from one that is safe', () => {
  expect(new Set(SERVER_STATES.map((s) => lookOf(s, false)))).toEqual(new Set(LOOKS.filter((l) => l !== 'danger')))
  expect(lookOf('Ready', true)).toBe('danger')
  expect(lookOf('Inaccessible', true)).toBe('fallen')
})

test('groups show the one with most fallen servers first and in it the fallen ones first', () => {
  const groups = groupTiles(toTiles(fleet(1_000), NO_DANGER), 'store')
  expect(groups.map((g) => g.label)).toEqual(['kv-a', 'kv-b', 'kv-c', 'Service-managed key'])
  expect(groups[0]!.counts.fallen).toBe(10)
  expect(groups[0]!.tiles.slice(0, 11).map((t) => t.look)).toEqual([...Array(10).fill('fallen'), 'ready'])
  expect(groups.reduce((sum, g) => sum + g.tiles.length, 0)).toBe(1_000)
})

test('filters narrow together, and the danger of today is not read into the past', () => {
  const dangers = new Map([['server-5', 'The key ends in 3 days']])
  const tiles = toTiles(fleet(400), dangers)
  expect(filterTiles(tiles, { ...NONE, look: 'danger' }).map((t) => t.name)).toEqual(['server-5'])
  expect(filterTiles(tiles, { ...NONE, state: 'Inaccessible', store: 'kv-a' })).toHaveLength(4)
  expect(filterTiles(tiles, { ...NONE, state: 'Inaccessible', store: 'kv-b' })).toHaveLength(0)
  expect(filterTiles(tiles, { ...NONE, q: 'DISABLED' })).toHaveLength(4)
  expect(toTiles(fleet(400, true), dangers).some((t) => t.look === 'danger')).toBe(false)
  expect(valuesOf(tiles, 'store')).toEqual(['kv-a', 'kv-b', 'kv-c'])
})

test('tiles are as large as the height allows, and ten thousand still have a place each', () => {
  const few = layoutTiles(groupTiles(toTiles(fleet(8), NO_DANGER), 'none'), 1_200, 560)
  expect(few.size.named).toBe(true)
  const many = layoutTiles(groupTiles(toTiles(fleet(10_000), NO_DANGER), 'store'), 1_200, 560)
  expect(many.size.named).toBe(false)
  expect(many.rows.reduce((sum, row) => sum + row.count, 0)).toBe(10_000)
})

test('the tile under its own middle is that tile, for each of ten thousand; between groups there is none', () => {
  const layout = layoutTiles(groupTiles(toTiles(fleet(10_000), NO_DANGER), 'store'), 1_193, 560)
  const wrong = layout.tiles.filter((_, i) => {
    const { x, y } = placeOf(layout, i)
    return tileAt(layout, x + layout.size.width / 2, y + layout.size.height / 2) !== i
  })
  expect(wrong).toEqual([])
  expect(tileAt(layout, 5, layout.headers[1]!.y + 4)).toBeNull()
  expect(tileAt(layout, 1_192.9, layout.rows[0]!.y + 2)).toBeNull()
  expect(tileAt(layout, 5, layout.height + 100)).toBeNull()
})

test('arrow keys reach every tile, keep the column between rows and never leave the grid', () => {
  const layout = layoutTiles(groupTiles(toTiles(fleet(500), NO_DANGER), 'store'), 320, 10)
  const { columns } = layout
  expect(step(layout, 0, 'ArrowLeft')).toBe(0)
  expect(step(layout, 0, 'ArrowRight')).toBe(1)
  expect(step(layout, 3, 'ArrowDown')).toBe(columns + 3)
  expect(step(layout, columns + 3, 'ArrowUp')).toBe(3)
  expect(step(layout, 0, 'End')).toBe(499)
  expect(step(layout, 499, 'PageDown')).toBeGreaterThanOrEqual(layout.rows.at(-1)!.first)
  expect(step(layout, 3, 'a')).toBeNull()
  let at = 0
  const seen = new Set([at])
  for (let i = 0; i < 499; i++) {
    at = step(layout, at, 'ArrowRight')!
    seen.add(at)
  }
  expect(seen.size).toBe(500)
})

const key = (patch: Partial<HorizonKey>): HorizonKey => ({
  storeType: 'vault',
  store: 'kv-a',
  key: 'cmk',
  version: 'v1',
  current: true,
  enabled: true,
  expires: null,
  nextRotation: null,
  gone: null,
  servers: ['s1'],
  ...patch,
})
const inDays = (days: number) => new Date(NOW + days * DAY).toISOString()

test('versions are counted by time left, and a server that depends on two of them once', () => {
  expect([-1, 0.5, 1, 6, 29, 89, 300, 900].map((d) => bucketOf(NOW + d * DAY, NOW))).toEqual([
    'over',
    'day',
    'day',
    'week',
    'month',
    'quarter',
    'year',
    'later',
  ])
  const counts = countBuckets([key({ expires: inDays(3) }), key({ expires: inDays(5), nextRotation: inDays(20) })], NOW)
  expect(counts.find((c) => c.id === 'week')).toMatchObject({ expiring: 2, servers: 1 })
  expect(counts.find((c) => c.id === 'month')).toMatchObject({ expiring: 0, rotating: 1 })
})

test('servers are in danger by the version that opens them: off, over, gone, or with at most 30 days left, and by their identity', () => {
  const dangers = dangersOf({
    now: inDays(0),
    keys: [
      key({ servers: ['off'], enabled: false }),
      key({ servers: ['over'], expires: inDays(-1) }),
      key({ servers: ['soon'], expires: inDays(29.5) }),
      key({ servers: ['far'], expires: inDays(31) }),
      key({ servers: ['none'] }),
      key({ servers: ['gone'], gone: 'store' }),
    ],
    withoutIdentity: ['orphan'],
  })
  expect([...dangers.keys()]).toEqual(['off', 'over', 'soon', 'gone', 'orphan'])
  expect(dangers.get('soon')).toContain('30 days')
})

test('the axis begins and ends with the span, and its ticks are round and have room', () => {
  const scale = { fromMs: NOW - DAY, toMs: NOW, left: 100, width: 800 }
  expect([xOf(scale, NOW - DAY), xOf(scale, NOW), xOf(scale, NOW + DAY)]).toEqual([100, 900, 900])
  const ticks = ticksOf(scale)
  expect(ticks.length).toBeGreaterThan(2)
  expect(ticks.every((t) => t % HOUR === 0)).toBe(true)
  for (const hours of [1, 24, 168, 720, 8_760, 80_000])
    expect(ticksOf({ ...scale, fromMs: NOW - hours * HOUR }).length).toBeLessThan(12)
})

test('events that would lie upon each other are one marker that holds them all', () => {
  const scale = { fromMs: NOW - DAY, toMs: NOW, left: 0, width: 864 }
  const at = (ms: number): LaneMarker => ({ atMs: NOW - ms, kind: 'key', title: 't', resourceId: 'r' })
  const clusters = clusterMarkers([at(0), at(12 * HOUR), at(12 * HOUR - 60_000)], scale)
  expect(clusters.map((c) => c.markers.length)).toEqual([2, 1])
})

test('the steps of time travel are the instants at which some server changed', () => {
  const segment = (fromMs: number, toMs: number) => ({ fromMs, toMs, state: 'Ready' as const, title: '' })
  const view = {
    fromMs: 0,
    toMs: 100,
    markers: [],
    truncated: false,
    lanes: [
      { server: 'a', segments: [segment(0, 40), segment(40, 100)] },
      { server: 'b', segments: [segment(0, 20), segment(20, 100)] },
    ],
  }
  expect(changesOf(view)).toEqual([20, 40])
  expect(neighbours([20, 40], 30)).toEqual({ before: 20, after: 40 })
  expect(neighbours([20, 40], 20)).toEqual({ before: null, after: 40 })
  expect(neighbours([], 20)).toEqual({ before: null, after: null })
})

test('a spreadsheet opens the export as it was meant: quotes kept, no cell run as a formula', () => {
  const csv = toCsv({
    columns: ['a', 'b'],
    rows: [
      ['say "hi", you', null],
      ['=1+1', 3],
    ],
  })
  expect(csv).toBe('a,b\r\n"say ""hi"", you",\r\n\'=1+1,3\r\n')
  const [first] = toObjects(sheetOfTiles(toTiles(fleet(1), NO_DANGER)))
  expect(first).toMatchObject({ server: 'server-0', state: 'Inaccessible', cause: 'The key version is disabled' })
})
