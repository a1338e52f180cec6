import { queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import type { HealthPage } from '@/server/monitor/contract/health'
import type { MetricsPage } from '@/server/queries/monitoring'

export const healthQuery = (name: string) =>
  queryOptions({
    queryKey: ['servers', 'health', name],
    queryFn: ({ signal }) => getJson<HealthPage>(`servers/${encodeURIComponent(name)}/health`, signal),
  })

export const metricsQuery = (resource: string, hours: number, split: string) =>
  queryOptions({
    queryKey: ['metrics', resource, hours, split],
    queryFn: ({ signal }) =>
      getJson<MetricsPage>(`metrics?${new URLSearchParams({ resource, hours: String(hours), split })}`, signal),
    placeholderData: (before) => before,
  })
