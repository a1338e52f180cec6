import { Duration } from 'luxon'
import { aggregate } from '@/server/metrics/contract'
import { AGGREGATIONS, type Aggregation, type DimensionFilter, type MetricDefinition } from '@/server/metrics/model'
import { metricDefinitions, readMetric } from '@/server/metrics/service'
import { ArmError } from '../errors'
import { parseFilter } from '../request'
import { type ArmCall, type ArmReply, list, route } from '../route'

const named = (value: string, localizedValue = value) => ({ value, localizedValue })
/** SIMULATED: days are a unit of ours; clients know no such. */
const unitOf = ({ unit }: MetricDefinition): string => (unit === 'Days' ? 'Count' : unit)
const GRAINS = ['PT1M', 'PT5M', 'PT15M', 'PT30M', 'PT1H', 'PT6H', 'PT12H', 'P1D']
const HOUR_MS = 3_600_000

async function definitions({ ctx, params }: ArmCall): Promise<ArmReply> {
  const resourceId = params.scope!
  return list(
    (await metricDefinitions(ctx, resourceId)).map((m) => ({
      id: `${resourceId}/providers/microsoft.insights/metricdefinitions/${m.name}`,
      resourceId,
      namespace: m.namespace,
      category: m.ours ? 'Portcullis' : 'Metrics',
      name: named(m.name, m.displayName),
      displayDescription: m.description,
      isDimensionRequired: false,
      unit: unitOf(m),
      primaryAggregationType: m.primaryAggregation,
      supportedAggregationTypes: m.aggregations,
      metricAvailabilities: GRAINS.map((timeGrain) => ({ timeGrain, retention: 'P93D' })),
      ...(m.dimensions.length ? { dimensions: m.dimensions.map((d) => named(d)) } : {}),
    })),
  )
}

const invalid = (message: string) => new ArmError(400, 'BadRequest', message)

function timespanOf(text: string | undefined, now: Date): { from: Date; to: Date } {
  if (!text) return { from: new Date(now.getTime() - HOUR_MS), to: now }
  const [begin = '', end = ''] = text.split('/')
  const [from, to] = [new Date(begin), new Date(end)]
  if (Number.isNaN(from.getTime()) || Number.isNaN(to.getTime())) throw invalid(`The timespan '${text}' is not valid.`)
  return { from, to }
}

function intervalOf(text: string | undefined): number | undefined {
  if (!text || /^full$/i.test(text)) return undefined
  const duration = Duration.fromISO(text)
  if (!duration.isValid) throw invalid(`The interval '${text}' is not valid.`)
  return duration.as('seconds')
}

function aggregationsOf(text: string | undefined, metric: MetricDefinition): Aggregation[] {
  if (!text) return [metric.primaryAggregation]
  const asked = text.split(',').map((name) => name.trim().toLowerCase())
  return AGGREGATIONS.filter((a) => asked.includes(a.toLowerCase()))
}

/** `Name eq '*'` asks for a series of each value. */
const dimensionsOf = (filter: string | undefined, metric: MetricDefinition): DimensionFilter[] => {
  const wishes = new Map<string, DimensionFilter>()
  for (const { name, operator, value } of parseFilter(filter)) {
    const known = metric.dimensions.find((d) => d.toLowerCase() === name)
    if (!known) throw invalid(`Metric ${metric.name} has no dimension '${name}'.`)
    const before = wishes.get(known)
    const kind = operator === 'ne' ? ('Exclude' as const) : ('Include' as const)
    wishes.set(known, { name: known, operator: kind, values: [...(before?.values ?? []), value] })
  }
  return [...wishes.values()]
}

async function values({ ctx, params, query }: ArmCall): Promise<ArmReply> {
  const resourceId = params.scope!
  const all = await metricDefinitions(ctx, resourceId)
  const names = query.get('metricnames')?.split(',') ?? (all[0] ? [all[0].name] : [])
  const span = timespanOf(query.get('timespan'), ctx.now)
  const interval = intervalOf(query.get('interval'))
  const filter = query.get('$filter')
  const read = await Promise.all(
    names.map((name) => {
      const metric = all.find((m) => m.name.toLowerCase() === name.trim().toLowerCase())
      const dimensions = metric ? dimensionsOf(filter, metric) : []
      return readMetric(ctx, { resourceId, metric: name.trim(), ...span, interval, dimensions })
    }),
  )
  const seconds = read[0]?.intervalSeconds ?? 60
  return {
    body: {
      cost: Math.round((span.to.getTime() - span.from.getTime()) / 1000 / seconds) * read.length,
      timespan: `${span.from.toISOString()}/${span.to.toISOString()}`,
      interval: Duration.fromObject({ minutes: seconds / 60 })
        .rescale()
        .toISO(),
      namespace: read[0]?.metric.namespace ?? '',
      resourceregion: 'global',
      value: read.map(({ metric, series }) => ({
        id: `${resourceId}/providers/Microsoft.Insights/metrics/${metric.name}`,
        type: 'Microsoft.Insights/metrics',
        name: named(metric.name, metric.displayName),
        displayDescription: metric.description,
        unit: unitOf(metric),
        timeseries: series.map(({ dimensions, points }) => ({
          metadatavalues: Object.entries(dimensions).map(([name, value]) => ({
            name: named(name.toLowerCase()),
            value,
          })),
          data: points.map((point) => ({
            timeStamp: new Date(point.atMs).toISOString(),
            ...Object.fromEntries(
              aggregationsOf(query.get('aggregation'), metric).map((a) => [a.toLowerCase(), aggregate(point, a)]),
            ),
          })),
        })),
        errorCode: 'Success',
      })),
    },
  }
}

export const metricRoutes = [
  route('GET', '{scope}/providers/Microsoft.Insights/metricDefinitions', definitions),
  route('GET', '{scope}/providers/Microsoft.Insights/metrics', values),
]
