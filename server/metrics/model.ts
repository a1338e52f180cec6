import type { Ctx } from '@/server/kernel/context'
import { RESOURCE_TYPES } from '@/server/kernel/resource-id'

export const AGGREGATIONS = ['Average', 'Minimum', 'Maximum', 'Total', 'Count'] as const
export type Aggregation = (typeof AGGREGATIONS)[number]

export const UNITS = ['Count', 'Bytes', 'Percent', 'MilliSeconds', 'Days'] as const
export type MetricUnit = (typeof UNITS)[number]

/** Where values come from: sampled gauges, the history of states, or the audit log of a store. */
export type MetricSource = 'samples' | 'states' | 'audit'

export type MetricDefinition = {
  /** Resource type, which is the metric namespace too. */
  namespace: string
  name: string
  displayName: string
  description: string
  unit: MetricUnit
  primaryAggregation: Aggregation
  aggregations: readonly Aggregation[]
  dimensions: readonly string[]
  source: MetricSource
  /** True for what Azure does not have. */
  ours: boolean
}

const GAUGE: readonly Aggregation[] = ['Average', 'Minimum', 'Maximum', 'Count']
const server = {
  namespace: RESOURCE_TYPES.server,
  source: 'samples',
  dimensions: [],
  aggregations: GAUGE,
  ours: false,
} as const
const vault = { namespace: RESOURCE_TYPES.vault, source: 'audit', ours: false } as const
const ACTIVITY = ['ActivityType', 'ActivityName'] as const
const RESULT = [...ACTIVITY, 'StatusCode', 'StatusCodeClass'] as const

const STORE_METRICS: Omit<MetricDefinition, 'namespace'>[] = [
  {
    ...vault,
    name: 'Availability',
    displayName: 'Overall Availability',
    description: 'Share of requests that the store did not fail by its own fault.',
    unit: 'Percent',
    primaryAggregation: 'Average',
    aggregations: ['Average', 'Minimum', 'Maximum'],
    dimensions: RESULT,
  },
  {
    ...vault,
    name: 'ServiceApiHit',
    displayName: 'Total Service Api Hits',
    description: 'Number of requests.',
    unit: 'Count',
    primaryAggregation: 'Count',
    aggregations: ['Count', 'Total', 'Average'],
    dimensions: ACTIVITY,
  },
  {
    ...vault,
    name: 'ServiceApiLatency',
    displayName: 'Overall Service Api Latency',
    description: 'Real milliseconds that requests took.',
    unit: 'MilliSeconds',
    primaryAggregation: 'Average',
    aggregations: GAUGE,
    dimensions: RESULT,
  },
  {
    ...vault,
    name: 'ServiceApiResult',
    displayName: 'Total Service Api Results',
    description: 'Number of answers, by status.',
    unit: 'Count',
    primaryAggregation: 'Count',
    aggregations: ['Count', 'Total', 'Average'],
    dimensions: RESULT,
  },
  {
    ...vault,
    name: 'SaturationShoebox',
    displayName: 'Overall Vault Saturation',
    description: 'Busiest 10 seconds against the limit of requests; 100 % once a request was throttled.',
    unit: 'Percent',
    primaryAggregation: 'Maximum',
    aggregations: ['Average', 'Minimum', 'Maximum'],
    dimensions: [],
  },
  {
    ...vault,
    name: 'KeyDaysToExpiry',
    displayName: 'Days to the expiry of keys',
    description:
      'Days until the current version of a key expires, below 0 once it has; of keys that expire within 90 days.',
    unit: 'Days',
    primaryAggregation: 'Minimum',
    aggregations: ['Minimum', 'Maximum', 'Average', 'Count'],
    dimensions: ['KeyName'],
    source: 'samples',
    ours: true,
  },
]

const SERVER_METRICS: MetricDefinition[] = [
  {
    ...server,
    name: 'is_db_alive',
    displayName: 'Database Is Alive',
    description: '1 while the server takes connections, 0 while it does not.',
    unit: 'Count',
    primaryAggregation: 'Maximum',
    source: 'states',
  },
  {
    ...server,
    name: 'active_connections',
    displayName: 'Active Connections',
    description: 'Connections that are open.',
    unit: 'Count',
    primaryAggregation: 'Average',
  },
  {
    ...server,
    name: 'storage_used',
    displayName: 'Storage used',
    description: 'Bytes of data on disk, all of them sealed.',
    unit: 'Bytes',
    primaryAggregation: 'Average',
  },
  {
    ...server,
    name: 'storage_percent',
    displayName: 'Storage percent',
    description: 'Storage used against the size that the server was given.',
    unit: 'Percent',
    primaryAggregation: 'Average',
  },
  {
    ...server,
    name: 'backup_storage_used',
    displayName: 'Backup Storage Used',
    description: 'Bytes of all backups that are kept; what they share is counted in each.',
    unit: 'Bytes',
    primaryAggregation: 'Average',
  },
  {
    ...server,
    name: 'pages_sealed',
    displayName: 'Pages sealed',
    description: 'Pages that were encrypted under the data key on their way to disk, since its files were made.',
    unit: 'Count',
    primaryAggregation: 'Maximum',
    ours: true,
  },
  {
    ...server,
    name: 'pages_opened',
    displayName: 'Pages opened',
    description: 'Pages that were decrypted under the data key on their way from disk, since its files were made.',
    unit: 'Count',
    primaryAggregation: 'Maximum',
    ours: true,
  },
  {
    ...server,
    name: 'key_version_lag',
    displayName: 'Key versions behind',
    description:
      'How many versions the key has that are newer than the one that wraps the data key; no value while there is none.',
    unit: 'Count',
    primaryAggregation: 'Maximum',
    ours: true,
  },
]

const HSM_LACKS = ['SaturationShoebox', 'ServiceApiResult']

export const METRICS: readonly MetricDefinition[] = [
  ...SERVER_METRICS,
  ...STORE_METRICS.map((m) => ({ ...m, namespace: RESOURCE_TYPES.vault })),
  ...STORE_METRICS.filter((m) => !HSM_LACKS.includes(m.name)).map((m) => ({
    ...m,
    namespace: RESOURCE_TYPES.managedHsm,
  })),
]

/** Finds a definition without case. */
export const findMetric = (namespace: string, name: string): MetricDefinition | undefined =>
  METRICS.find((m) => sameText(m.namespace, namespace) && sameText(m.name, name))

const sameText = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** What was seen in one span: enough for every aggregation, and any two spans merge. */
export type Bucket = { atMs: number; count: number; total: number; minimum: number; maximum: number }

export type Dimensions = Record<string, string>

/** `Name=value` pairs joined by `&`, in order of name. */
export const formatDimensions = (dimensions: Dimensions): string =>
  Object.entries(dimensions)
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')

export const parseDimensions = (text: string): Dimensions =>
  Object.fromEntries(
    text
      .split('&')
      .filter(Boolean)
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  )

/** A wish about one dimension: these values (without case), or `*` for a series of each. */
export type DimensionFilter = { name: string; operator: 'Include' | 'Exclude'; values: string[] }

export type Sample = Bucket & { resourceKey: string; metric: string; dimensions: string; spanSeconds: number }

/** Series of one resource and one combination of dimensions. */
export type ResourceSeries = { resourceKey: string; dimensions: Dimensions; points: Bucket[] }

/** How samples are thinned out: older than so many days they are merged into spans of so many seconds. */
export const THINNING = [
  { olderThanDays: 2, spanSeconds: 3600 },
  { olderThanDays: 14, spanSeconds: 6 * 3600 },
] as const
export const RETENTION_DAYS = 93
/** Keys that expire later than that are not watched by the metric. */
export const EXPIRY_HORIZON_DAYS = 90

/** What a server's data plane shows at one instant. */
export type ServerReading = {
  connections: number
  storageUsedBytes: number
  pagesSealed: number
  pagesOpened: number
  backupStorageUsedBytes?: number
}

/** The joint to whoever runs the servers: readings of those that run, by resource id. */
export type ServerReader = (ctx: Ctx) => Promise<Map<string, ServerReading>>
