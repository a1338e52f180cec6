import 'server-only'
import { z } from 'zod'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import type { MetricValuesView, MetricView } from '@/server/metrics/contract'
import { metricDefinitions, readMetric } from '@/server/metrics/service'
import type { HealthPage } from '@/server/monitor/contract/health'
import { resourceHealth } from '@/server/monitor/service'
import { getServer } from '@/server/postgres/service'

export async function readHealth(ctx: Ctx, name: string): Promise<HealthPage> {
  return resourceHealth(ctx, (await getServer(ctx, name)).id)
}

const metricsInput = z.object({
  resource: z.string().startsWith('/'),
  hours: z.coerce
    .number()
    .positive()
    .max(93 * 24)
    .catch(24),
  /** A dimension to split by. */
  split: z.string().optional(),
})

export type MetricsPage = { metrics: MetricView[]; values: MetricValuesView[] }

const POINTS = 144

/** Every metric of a resource over the last hours, at a grain that a chart can show. */
export async function readMetrics(ctx: Ctx, query: Record<string, string>): Promise<MetricsPage> {
  const asked = metricsInput.safeParse(query)
  if (!asked.success) throw new AppError('BadParameter', { publicMessage: 'Name the resource.' })
  const { resource, hours, split } = asked.data
  const metrics = await metricDefinitions(ctx, resource)
  // What happens at this very instant is in the picture.
  const to = new Date(ctx.now.getTime() + 1)
  const from = new Date(to.getTime() - hours * 3_600_000)
  const interval = Math.max(60, (hours * 3600) / POINTS)
  const values = await Promise.all(
    metrics.map((m) => {
      const splits = m.dimensions.filter((d) => d === split || (m.ours && d === 'KeyName'))
      const dimensions = splits.map((d) => ({ name: d, operator: 'Include' as const, values: ['*'] }))
      return readMetric(ctx, { resourceId: resource, metric: m.name, from, to, interval, dimensions })
    }),
  )
  return { metrics, values }
}
