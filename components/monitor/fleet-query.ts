import { queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import type { FleetView } from '@/server/monitor/contract'
import type { ServerState } from '@/server/postgres/model'

const TRANSITIONAL_POLL_MS = 3_000
const POLL_MS = 30_000

/** States that pass by themselves; while a server is in one of them it is worth looking often. */
export const isTransitional = (state: ServerState): boolean =>
  !['Ready', 'Inaccessible', 'Stopped', 'Disabled'].includes(state)

export const fleetQuery = queryOptions({
  queryKey: ['fleet'],
  queryFn: ({ signal }) => getJson<FleetView>('fleet', signal),
  refetchInterval: (query) =>
    query.state.data?.servers.some((s) => isTransitional(s.state)) ? TRANSITIONAL_POLL_MS : POLL_MS,
})
