import type { LaneMarker, SwimlanesView } from '@/server/monitor/contract/fleet'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const STEPS = [
  MINUTE_MS,
  5 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  7 * DAY_MS,
  14 * DAY_MS,
  30 * DAY_MS,
  90 * DAY_MS,
  365 * DAY_MS,
]

export type TimeScale = { fromMs: number; toMs: number; left: number; width: number }

export const xOf = ({ fromMs, toMs, left, width }: TimeScale, atMs: number): number =>
  left + ((Math.min(toMs, Math.max(fromMs, atMs)) - fromMs) / Math.max(1, toMs - fromMs)) * width

/** Round instants on the axis, as many as find room. */
export function ticksOf(scale: TimeScale, room = 110): number[] {
  const span = scale.toMs - scale.fromMs
  const wanted = Math.max(1, Math.floor(scale.width / room))
  const step = STEPS.find((s) => span / s <= wanted) ?? STEPS.at(-1)!
  const ticks: number[] = []
  for (let at = Math.ceil(scale.fromMs / step) * step; at <= scale.toMs; at += step) ticks.push(at)
  return ticks
}

export type MarkerCluster = { x: number; kind: LaneMarker['kind']; markers: LaneMarker[] }

/** Markers that would lie upon each other become one; its kind is that of the earliest. */
export function clusterMarkers(markers: LaneMarker[], scale: TimeScale, apart = 12): MarkerCluster[] {
  const clusters: MarkerCluster[] = []
  for (const marker of [...markers].sort((a, b) => a.atMs - b.atMs)) {
    const x = xOf(scale, marker.atMs)
    const last = clusters.at(-1)
    if (last && x - last.x < apart) last.markers.push(marker)
    else clusters.push({ x, kind: marker.kind, markers: [marker] })
  }
  return clusters
}

/** Instants within the span at which some server changed its state, in order. */
export const changesOf = ({ fromMs, lanes }: SwimlanesView): number[] =>
  [...new Set(lanes.flatMap((lane) => lane.segments.map((s) => s.fromMs)))]
    .filter((at) => at > fromMs)
    .sort((a, b) => a - b)

/** The nearest instants before and after another. */
export const neighbours = (instants: number[], at: number): { before: number | null; after: number | null } => ({
  before: instants.filter((i) => i < at).at(-1) ?? null,
  after: instants.find((i) => i > at) ?? null,
})
