import type { FleetTilesView } from '@/server/monitor/contract/fleet'
import { LOOKS, type Look, lookOf } from './looks'

export const GROUPINGS = ['none', 'subscription', 'region', 'store', 'key'] as const
export type Grouping = (typeof GROUPINGS)[number]

/** What narrows the fleet, as the address says it; empty texts narrow nothing. */
export const FILTERS = ['q', 'look', 'state', 'subscription', 'region', 'store', 'key'] as const
export type TileFilter = Record<(typeof FILTERS)[number], string>

/** One server of the columns, spelled out. `index` is its place in them. */
export type Tile = {
  index: number
  name: string
  state: FleetTilesView['states'][number]
  look: Look
  sinceMs: number
  subscription: string
  region: string
  store: string | null
  key: string | null
  /** Why it fell, or what threatens it. */
  cause: string | null
}

export type TileGroup = { id: string; label: string; tiles: Tile[]; counts: Record<Look, number> }

/** @param dangers what threatens a server, by its name. */
export function toTiles(view: FleetTilesView, dangers: ReadonlyMap<string, string>): Tile[] {
  return view.names.map((name, index) => {
    const state = view.states[view.state[index]!]!
    const danger = view.past ? undefined : dangers.get(name)
    const look = lookOf(state, danger !== undefined)
    return {
      index,
      name,
      state,
      look,
      sinceMs: view.sinceMs[index]!,
      subscription: view.subscriptions[view.subscription[index]!]?.name ?? '',
      region: view.regions[view.region[index]!] ?? '',
      store: view.stores[view.store[index]!] ?? null,
      key: view.keys[view.key[index]!] ?? null,
      cause: view.causes[view.cause[index]!] ?? (look === 'danger' ? (danger ?? null) : null),
    }
  })
}

export function filterTiles(tiles: Tile[], filter: TileFilter): Tile[] {
  const needle = filter.q.trim().toLowerCase()
  return tiles.filter(
    (t) =>
      (!needle || `${t.name} ${t.key ?? ''} ${t.cause ?? ''}`.toLowerCase().includes(needle)) &&
      (!filter.look || t.look === filter.look) &&
      (!filter.state || t.state === filter.state) &&
      (!filter.subscription || t.subscription === filter.subscription) &&
      (!filter.region || t.region === filter.region) &&
      (!filter.store || t.store === filter.store) &&
      (!filter.key || t.key === filter.key),
  )
}

const RANK = Object.fromEntries(LOOKS.map((look, i) => [look, i])) as Record<Look, number>

/** Tiles in groups: the group with most fallen servers first, and in each the most urgent servers first. */
export function groupTiles(tiles: Tile[], by: Grouping): TileGroup[] {
  const groups = new Map<string, TileGroup>()
  for (const tile of tiles) {
    const id = by === 'none' ? '' : (tile[by] ?? '')
    const label = by === 'none' ? 'All servers' : id || 'Service-managed key'
    const group = groups.get(id) ?? { id, label, tiles: [], counts: countLooks([]) }
    group.tiles.push(tile)
    group.counts[tile.look]++
    groups.set(id, group)
  }
  const sorted = [...groups.values()].sort(
    (a, b) =>
      b.counts.fallen - a.counts.fallen || b.counts.danger - a.counts.danger || a.label.localeCompare(b.label, 'en'),
  )
  // Stable, so that servers of one look keep the order of their names.
  for (const group of sorted) group.tiles.sort((a, b) => RANK[a.look] - RANK[b.look])
  return sorted
}

export function countLooks(tiles: Tile[]): Record<Look, number> {
  const counts = Object.fromEntries(LOOKS.map((look) => [look, 0])) as Record<Look, number>
  for (const tile of tiles) counts[tile.look]++
  return counts
}

/** The values that a filter offers. */
export const valuesOf = (tiles: Tile[], of: 'subscription' | 'region' | 'store' | 'key' | 'state'): string[] =>
  [...new Set(tiles.map((t) => t[of]))]
    .filter((v): v is NonNullable<typeof v> => !!v)
    .sort((a, b) => a.localeCompare(b, 'en'))
