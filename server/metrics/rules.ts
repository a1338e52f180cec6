import type { AuditCount } from '@/server/activity/model'
import type { ServerState } from '@/server/postgres/model'
import {
  type Bucket,
  type DimensionFilter,
  type Dimensions,
  formatDimensions,
  type MetricDefinition,
  type ResourceSeries,
} from './model'

const MINUTE_MS = 60_000

/** The spans that the metrics API offers, in seconds. */
const INTERVALS = [60, 300, 900, 1800, 3600, 21_600, 43_200, 86_400]
const MAX_POINTS = 1440

/** The finest offered interval that gives at most 1,440 points, and is no finer than asked. */
export function chooseInterval(fromMs: number, toMs: number, asked = 60): number {
  const fits = (seconds: number) => (toMs - fromMs) / 1000 / seconds <= MAX_POINTS
  return INTERVALS.find((seconds) => seconds >= asked && fits(seconds)) ?? 86_400
}

/** Two spans as one, at the earlier begin. */
export const merge = (a: Bucket, b: Bucket): Bucket => ({
  atMs: Math.min(a.atMs, b.atMs),
  count: a.count + b.count,
  total: a.total + b.total,
  minimum: Math.min(a.minimum, b.minimum),
  maximum: Math.max(a.maximum, b.maximum),
})

/** Merges what begins in the same interval; in order of time. Counts and totals are kept, whatever the interval. */
export function regroup(points: Bucket[], intervalSeconds: number): Bucket[] {
  const step = intervalSeconds * 1000
  const spans = new Map<number, Bucket>()
  for (const point of points) {
    const atMs = Math.floor(point.atMs / step) * step
    const before = spans.get(atMs)
    spans.set(atMs, before ? { ...merge(before, point), atMs } : { ...point, atMs })
  }
  return [...spans.values()].sort((a, b) => a.atMs - b.atMs)
}

const DOWN: ServerState[] = [
  'Provisioning',
  'Inaccessible',
  'Starting',
  'Stopping',
  'Stopped',
  'Restarting',
  'Dropping',
  'Disabled',
]
export const isAlive = (state: ServerState): boolean => !DOWN.includes(state)

export type StateStep = { atMs: number; state: ServerState }

/**
 * Turns the history of states into `is_db_alive` by the minute: each minute counts once, with the share of it in which
 * the server was alive as its value; minimum and maximum are 0 and 1 where both occurred.
 * @param steps in order of time; before the first one the server was not there.
 */
export function aliveSeries(steps: StateStep[], fromMs: number, toMs: number, intervalSeconds: number): Bucket[] {
  const step = intervalSeconds * 1000
  const points: Bucket[] = []
  for (let at = Math.floor(fromMs / step) * step; at < toMs; at += step) {
    const seen = aliveIn(steps, Math.max(at, fromMs), Math.min(at + step, toMs))
    if (seen) points.push({ atMs: at, ...seen })
  }
  return points
}

function aliveIn(steps: StateStep[], fromMs: number, toMs: number): Omit<Bucket, 'atMs'> | null {
  let aliveMs = 0
  let knownMs = 0
  let minimum = 1
  let maximum = 0
  steps.forEach(({ atMs, state }, i) => {
    const begin = Math.max(atMs, fromMs)
    const end = Math.min(steps[i + 1]?.atMs ?? toMs, toMs)
    if (end <= begin) return
    knownMs += end - begin
    if (isAlive(state)) {
      aliveMs += end - begin
      maximum = 1
    } else minimum = 0
  })
  if (knownMs === 0) return null
  const count = Math.max(1, Math.round(knownMs / MINUTE_MS))
  return { count, total: (aliveMs / knownMs) * count, minimum, maximum }
}

const LIMIT_IN_10_S = 4000
export const SATURATION_SPAN_SECONDS = 10

/** One count of the audit log as a sample of a store's metric, with all its dimensions. */
function fromAudit(metric: MetricDefinition, c: AuditCount): { dimensions: Dimensions; bucket: Bucket } {
  const all: Dimensions = {
    ActivityType: c.operationName.startsWith('Vault') ? 'vault' : 'key',
    ActivityName: c.operationName.toLowerCase(),
    StatusCode: String(c.httpStatusCode),
    StatusCodeClass: `${Math.floor(c.httpStatusCode / 100)}xx`,
  }
  const dimensions = Object.fromEntries(metric.dimensions.map((name) => [name, all[name] ?? '']))
  return { dimensions, bucket: { atMs: c.atMs, count: c.count, ...auditValue(metric.name, c) } }
}

function auditValue(metric: string, c: AuditCount): Omit<Bucket, 'atMs' | 'count'> {
  if (metric === 'ServiceApiLatency') return { total: c.total, minimum: c.minimum, maximum: c.maximum }
  if (metric === 'Availability') {
    const percent = c.httpStatusCode >= 500 ? 0 : 100
    return { total: percent * c.count, minimum: percent, maximum: percent }
  }
  return { total: c.count, minimum: 1, maximum: 1 }
}

/** A store's metric counted from its audit log; spans in which nobody asked anything have no point. */
export function auditSeries(metric: MetricDefinition, counts: AuditCount[], intervalSeconds: number): ResourceSeries[] {
  if (metric.name === 'SaturationShoebox') return saturationSeries(counts, intervalSeconds)
  return collect(
    counts.map((c) => ({ resourceKey: c.storeKey, ...fromAudit(metric, c) })),
    intervalSeconds,
  )
}

/** @param counts in spans of 10 seconds. */
function saturationSeries(counts: AuditCount[], intervalSeconds: number): ResourceSeries[] {
  const spans = new Map<string, { resourceKey: string; atMs: number; requests: number; throttled: boolean }>()
  for (const c of counts) {
    const key = `${c.storeKey} ${c.atMs}`
    const span = spans.get(key) ?? { resourceKey: c.storeKey, atMs: c.atMs, requests: 0, throttled: false }
    spans.set(key, {
      ...span,
      requests: span.requests + c.count,
      throttled: span.throttled || c.httpStatusCode === 429,
    })
  }
  const samples = [...spans.values()].map(({ resourceKey, atMs, requests, throttled }) => {
    const percent = throttled ? 100 : Math.min(100, (requests / LIMIT_IN_10_S) * 100)
    return {
      resourceKey,
      dimensions: {},
      bucket: { atMs, count: 1, total: percent, minimum: percent, maximum: percent },
    }
  })
  return collect(samples, intervalSeconds)
}

type Seen = { resourceKey: string; dimensions: Dimensions; bucket: Bucket }

/** Gathers single observations into one series for each resource and combination of dimensions. */
export function collect(seen: Seen[], intervalSeconds: number): ResourceSeries[] {
  const series = new Map<string, { resourceKey: string; dimensions: Dimensions; points: Bucket[] }>()
  for (const { resourceKey, dimensions, bucket } of seen) {
    const key = `${resourceKey} ${formatDimensions(dimensions)}`
    const one = series.get(key) ?? { resourceKey, dimensions, points: [] }
    one.points.push(bucket)
    series.set(key, one)
  }
  return [...series.values()].map((s) => ({ ...s, points: regroup(s.points, intervalSeconds) }))
}

/**
 * Keeps the series that fit the filters and merges those that differ only in dimensions that no filter names.
 */
export function narrow(
  series: ResourceSeries[],
  filters: DimensionFilter[],
  intervalSeconds: number,
): ResourceSeries[] {
  const kept = series.filter((s) => filters.every((f) => fits(s.dimensions, f)))
  const named = (dimensions: Dimensions) =>
    Object.fromEntries(
      Object.entries(dimensions).filter(([name]) => filters.some((f) => f.name.toLowerCase() === name.toLowerCase())),
    )
  return collect(
    kept.flatMap((s) =>
      s.points.map((bucket) => ({ resourceKey: s.resourceKey, dimensions: named(s.dimensions), bucket })),
    ),
    intervalSeconds,
  )
}

function fits(dimensions: Dimensions, { name, operator, values }: DimensionFilter): boolean {
  const value = Object.entries(dimensions).find(([n]) => n.toLowerCase() === name.toLowerCase())?.[1]
  if (value === undefined) return false
  const named = values.includes('*') || values.some((v) => v.toLowerCase() === value.toLowerCase())
  return operator === 'Include' ? named : !named
}

/** Minutes until the next sampling: often while people watch, seldom while time flies. */
export const samplingMinutes = (clock: { advancing: boolean; rate: number }): number =>
  clock.advancing || clock.rate > 60 ? 30 : 5
