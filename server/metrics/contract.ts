import type { Aggregation, Bucket, Dimensions, MetricDefinition } from './model'

/** A metric that a resource has, for pages. */
export type MetricView = MetricDefinition

export type MetricSeriesView = { dimensions: Dimensions; points: Bucket[] }

/** Values of one metric of one resource. `intervalSeconds` is the length of each point's span. */
export type MetricValuesView = {
  metric: MetricView
  from: string
  to: string
  intervalSeconds: number
  series: MetricSeriesView[]
}

/** The value that an aggregation makes of a span; null for a span in which nothing was seen. */
export function aggregate(bucket: Omit<Bucket, 'atMs'>, aggregation: Aggregation): number | null {
  if (bucket.count === 0) return null
  switch (aggregation) {
    case 'Average':
      return bucket.total / bucket.count
    case 'Minimum':
      return bucket.minimum
    case 'Maximum':
      return bucket.maximum
    case 'Total':
      return bucket.total
    case 'Count':
      return bucket.count
  }
}
