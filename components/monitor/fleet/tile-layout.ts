import type { Tile, TileGroup } from './tile-groups'

/** Width and height of a tile with the gap behind it, in CSS pixels. `named` tiles carry text. */
export type TileSize = { width: number; height: number; named: boolean }

const SIZES: TileSize[] = [
  { width: 208, height: 56, named: true },
  { width: 32, height: 32, named: false },
  { width: 22, height: 22, named: false },
  { width: 15, height: 15, named: false },
  { width: 11, height: 11, named: false },
]
export const HEADER = 30
const GROUP_GAP = 10

/** A row of tiles: `first` is the place of its first tile in `tiles`. */
export type TileRow = { y: number; first: number; count: number }
export type TileHeader = { y: number; group: TileGroup }

export type TileLayout = {
  size: TileSize
  columns: number
  height: number
  /** In the order in which they are drawn. */
  tiles: Tile[]
  rows: TileRow[]
  headers: TileHeader[]
}

/** The largest tiles with which the groups fit into a height; the smallest when none do. */
export function layoutTiles(groups: TileGroup[], width: number, fit: number): TileLayout {
  let layout = withSize(groups, width, SIZES[0]!)
  for (const size of SIZES.slice(1)) {
    if (layout.height <= fit) break
    layout = withSize(groups, width, size)
  }
  return layout
}

function withSize(groups: TileGroup[], width: number, size: TileSize): TileLayout {
  const columns = Math.max(1, Math.floor(width / size.width))
  const layout: TileLayout = { size, columns, height: 0, tiles: [], rows: [], headers: [] }
  let y = 0
  for (const group of groups) {
    layout.headers.push({ y, group })
    y += HEADER
    const start = layout.tiles.length
    for (const tile of group.tiles) layout.tiles.push(tile)
    for (let first = start; first < layout.tiles.length; first += columns) {
      layout.rows.push({ y, first, count: Math.min(columns, layout.tiles.length - first) })
      y += size.height
    }
    y += GROUP_GAP
  }
  layout.height = y
  return layout
}

/** Index of the first row that ends below `y`, by halving. */
export function rowAt(layout: TileLayout, y: number): number {
  let [low, high] = [0, layout.rows.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (layout.rows[middle]!.y + layout.size.height <= y) low = middle + 1
    else high = middle
  }
  return low
}

/** The place of the tile under a point, or null between tiles. */
export function tileAt(layout: TileLayout, x: number, y: number): number | null {
  const row = layout.rows[rowAt(layout, y)]
  if (!row || y < row.y || x < 0) return null
  const column = Math.floor(x / layout.size.width)
  return column < row.count ? row.first + column : null
}

/** Where a tile's upper left corner is. */
export function placeOf(layout: TileLayout, index: number): { x: number; y: number } {
  const row = layout.rows[rowOf(layout, index)]
  return row ? { x: (index - row.first) * layout.size.width, y: row.y } : { x: 0, y: 0 }
}

function rowOf(layout: TileLayout, index: number): number {
  let [low, high] = [0, layout.rows.length - 1]
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (layout.rows[middle]!.first <= index) low = middle
    else high = middle - 1
  }
  return low
}

/** The tile that a key of the keyboard leads to from another; null for keys that lead nowhere. */
export function step(layout: TileLayout, index: number, key: string): number | null {
  const last = layout.tiles.length - 1
  const clamp = (n: number) => Math.min(last, Math.max(0, n))
  switch (key) {
    case 'ArrowRight':
      return clamp(index + 1)
    case 'ArrowLeft':
      return clamp(index - 1)
    case 'Home':
      return 0
    case 'End':
      return last
    case 'ArrowDown':
      return toRow(layout, index, 1)
    case 'ArrowUp':
      return toRow(layout, index, -1)
    case 'PageDown':
      return toRow(layout, index, 10)
    case 'PageUp':
      return toRow(layout, index, -10)
    default:
      return null
  }
}

function toRow(layout: TileLayout, index: number, by: number): number {
  const from = rowOf(layout, index)
  const row = layout.rows[Math.min(layout.rows.length - 1, Math.max(0, from + by))]!
  return row.first + Math.min(index - layout.rows[from]!.first, row.count - 1)
}
