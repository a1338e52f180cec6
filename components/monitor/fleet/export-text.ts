import type { FleetServerView } from '@/server/monitor/contract'
import type { HorizonView, SwimlanesView } from '@/server/monitor/contract/fleet'
import type { Tile } from './tile-groups'

export type Cell = string | number | boolean | null
export type Sheet = { columns: string[]; rows: Cell[][] }

/** A spreadsheet would run a text that begins like this as a formula. */
const FORMULA = /^[=+\-@\t\r]/

function cellText(cell: Cell): string {
  if (cell === null) return ''
  const text = typeof cell === 'string' && FORMULA.test(cell) ? `'${cell}` : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** RFC 4180 with a header line; no cell of it runs as a formula. */
export const toCsv = ({ columns, rows }: Sheet): string =>
  [columns, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('')

/** The same as objects, one a row. */
export const toObjects = ({ columns, rows }: Sheet): Record<string, Cell>[] =>
  rows.map((row) => Object.fromEntries(columns.map((name, i) => [name, row[i] ?? null])))

const iso = (ms: number): string => new Date(ms).toISOString()

export const sheetOfFleet = (servers: FleetServerView[]): Sheet => ({
  columns: [
    'server',
    'state',
    'since',
    'cause',
    'key',
    'identity',
    'lastCheck',
    'nextCheck',
    'standby',
    'standbyCause',
  ],
  rows: servers.map((s) => [
    ...[s.name, s.state, s.stateSince, s.broken?.title ?? null],
    ...[s.keyUri, s.identityName, s.lastCheckAt, s.nextCheckAt],
    ...[s.standby?.state ?? null, s.standby?.broken?.title ?? null],
  ]),
})

export const sheetOfTiles = (tiles: Tile[]): Sheet => ({
  columns: ['server', 'state', 'since', 'cause', 'subscription', 'region', 'keyStore', 'key'],
  rows: tiles.map((t) => [t.name, t.state, iso(t.sinceMs), t.cause, t.subscription, t.region, t.store, t.key]),
})

export const sheetOfLanes = ({ lanes, markers }: SwimlanesView): Sheet => ({
  columns: ['kind', 'subject', 'from', 'to', 'state', 'title'],
  rows: [
    ...lanes.flatMap(({ server, segments }) =>
      segments.map((s): Cell[] => ['state', server, iso(s.fromMs), iso(s.toMs), s.state, s.title]),
    ),
    ...markers.map((m): Cell[] => [m.kind, m.resourceId, iso(m.atMs), iso(m.atMs), null, m.title]),
  ],
})

export const sheetOfHorizon = ({ keys }: HorizonView): Sheet => ({
  columns: ['store', 'key', 'version', 'current', 'enabled', 'expires', 'nextRotation', 'servers'],
  rows: keys.map((k) => [
    ...[k.store, k.key, k.version, k.current, k.enabled, k.expires, k.nextRotation],
    k.servers.join(' '),
  ]),
})
