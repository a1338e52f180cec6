import { countAudit } from '@/server/activity/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { parseResourceId } from '@/server/kernel/resource-id'
import type { MetricValuesView } from './contract'
import {
  type DimensionFilter,
  findMetric,
  METRICS,
  type MetricDefinition,
  parseDimensions,
  type ResourceSeries,
} from './model'
import { aliveSeries, auditSeries, chooseInterval, collect, narrow, SATURATION_SPAN_SECONDS } from './rules'
import * as store from './store'

export const METRICS_READ = 'Microsoft.Insights/metrics/read'

/** The metrics that a resource's type has. @throws AppError `AuthorizationFailed`. */
export async function metricDefinitions(ctx: Ctx, resourceId: string): Promise<MetricDefinition[]> {
  await authorize(ctx, 'Microsoft.Insights/metricDefinitions/read', resourceId)
  const type = parseResourceId(resourceId)?.type.toLowerCase()
  return METRICS.filter((m) => m.namespace.toLowerCase() === type)
}

export type MetricQuestion = {
  resourceId: string
  metric: string
  from: Date
  to: Date
  /** Seconds; coarsened so that there are at most 1,440 points. */
  interval?: number
  dimensions?: DimensionFilter[]
}

/**
 * Values of one metric of one resource, a series for each combination of the dimensions that were named.
 * @throws AppError `AuthorizationFailed`, `BadParameter` for a metric that the type does not have.
 */
export async function readMetric(ctx: Ctx, question: MetricQuestion): Promise<MetricValuesView> {
  const { resourceId, from, to } = question
  await authorize(ctx, METRICS_READ, resourceId)
  const type = parseResourceId(resourceId)?.type ?? ''
  const metric = findMetric(type, question.metric)
  if (!metric) {
    const valid = METRICS.filter((m) => m.namespace.toLowerCase() === type.toLowerCase()).map((m) => m.name)
    throw new AppError('BadParameter', {
      publicMessage: `Failed to find metric configuration for provider: ${type}, metric: ${question.metric}. Valid metrics: ${valid.join(',')}.`,
    })
  }
  if (to <= from) throw new AppError('BadParameter', { publicMessage: 'The span of time ends before it begins.' })
  const intervalSeconds = chooseInterval(from.getTime(), to.getTime(), question.interval)
  const keys = [resourceId.toLowerCase()]
  const all = await readSeries(ctx, metric, { resourceKeys: keys, from, to, intervalSeconds })
  const series = narrow(all, question.dimensions ?? [], intervalSeconds)
  return {
    metric,
    from: from.toISOString(),
    to: to.toISOString(),
    intervalSeconds,
    series: series.map(({ dimensions, points }) => ({ dimensions, points })),
  }
}

type Span = { resourceKeys?: string[]; from: Date; to: Date; intervalSeconds: number }

async function readSeries(ctx: Ctx, metric: MetricDefinition, span: Span): Promise<ResourceSeries[]> {
  switch (metric.source) {
    case 'states':
      return readStates(ctx, span)
    case 'audit':
      return readAudit(ctx, metric, span)
    case 'samples': {
      const rows = await store.findSamples(ctx.db, ctx.tenantId, { ...span, metrics: [metric.name] })
      const seen = rows.map(({ resourceKey, dimensions, ...bucket }) => ({
        resourceKey,
        dimensions: parseDimensions(dimensions),
        bucket,
      }))
      return collect(seen, span.intervalSeconds)
    }
  }
}

async function readStates(ctx: Ctx, span: Span): Promise<ResourceSeries[]> {
  const rows = await store.findStates(ctx.db, ctx.tenantId, { ...span, serverIds: span.resourceKeys })
  const byServer = new Map<string, store.StateRow[]>()
  for (const row of rows) byServer.set(row.serverKey, [...(byServer.get(row.serverKey) ?? []), row])
  // What lies ahead is not known yet.
  const end = Math.min(span.to.getTime(), ctx.now.getTime())
  return [...byServer].map(([resourceKey, steps]) => ({
    resourceKey,
    dimensions: {},
    points: aliveSeries(steps, span.from.getTime(), end, span.intervalSeconds),
  }))
}

async function readAudit(ctx: Ctx, metric: MetricDefinition, span: Span): Promise<ResourceSeries[]> {
  const fine = metric.name === 'SaturationShoebox'
  const counts = await countAudit(ctx, {
    storeIds: span.resourceKeys,
    from: span.from,
    to: span.to,
    spanSeconds: fine ? SATURATION_SPAN_SECONDS : span.intervalSeconds,
  })
  const type = metric.namespace.toLowerCase()
  const mine = counts.filter((c) => parseResourceId(c.storeKey)?.type.toLowerCase() === type)
  return auditSeries(metric, mine, span.intervalSeconds)
}

/** A whole window as one bucket, for every resource and combination of the named dimensions; for alert rules. */
export async function windowValues(
  ctx: Ctx,
  question: { metric: MetricDefinition; from: Date; to: Date; dimensions: DimensionFilter[] },
): Promise<ResourceSeries[]> {
  const { metric, from, to, dimensions } = question
  const span = Math.max(1, Math.ceil((to.getTime() - from.getTime()) / 1000))
  // As long as time itself, so that a window is never cut in two.
  const whole = Math.max(span, Math.ceil(to.getTime() / 1000) + 1)
  return narrow(await readSeries(ctx, metric, { from, to, intervalSeconds: whole }), dimensions, whole)
}

export { ensureMonitoringPlanned, planMonitoring, sampleMetrics } from './sampling'
