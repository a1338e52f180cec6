import { queryOptions } from '@tanstack/react-query'
import type { SessionView } from '@/server/identity/contract'
import type { ResourceView } from '@/server/monitor/contract'
import type { ClockData } from '@/server/queries/clock'
import type { NotificationsData } from '@/server/queries/notifications'
import { getJson } from './api'

const ADVANCING_POLL_MS = 1_000
const POLL_MS = 30_000

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: ({ signal }) => getJson<SessionView>('session', signal),
})

export const clockQuery = queryOptions({
  queryKey: ['clock'],
  queryFn: ({ signal }) => getJson<ClockData>('clock', signal),
  // A clock that was read before the page was shown is already wrong.
  staleTime: 0,
  refetchInterval: (query) => (query.state.data?.clock.advancingTo ? ADVANCING_POLL_MS : POLL_MS),
})

export const notificationsQuery = queryOptions({
  queryKey: ['notifications'],
  queryFn: ({ signal }) => getJson<NotificationsData>('notifications', signal),
})

export const resourcesQuery = queryOptions({
  queryKey: ['resources'],
  queryFn: ({ signal }) => getJson<ResourceView[]>('resources', signal),
})
