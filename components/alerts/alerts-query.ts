import { queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import type { AlertDetailView, AlertView, DeliveryView } from '@/server/alerts/contract'
import type { AlertSettings } from '@/server/queries/alerts'

export const alertsQuery = queryOptions({
  queryKey: ['alerts', 'list'],
  queryFn: ({ signal }) => getJson<AlertView[]>('alerts', signal),
})

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: ['alerts', 'one', id],
    queryFn: ({ signal }) => getJson<AlertDetailView>(`alerts/${encodeURIComponent(id)}`, signal),
  })

export const alertSettingsQuery = queryOptions({
  queryKey: ['alerts', 'settings'],
  queryFn: ({ signal }) => getJson<AlertSettings>('alert-settings', signal),
})

export const deliveriesQuery = (groupId: string) =>
  queryOptions({
    queryKey: ['alerts', 'deliveries', groupId],
    queryFn: ({ signal }) =>
      getJson<DeliveryView[]>(`alert-settings/deliveries?group=${encodeURIComponent(groupId)}`, signal),
  })
