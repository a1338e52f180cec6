import { queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import type { ConnectionView, ServerView } from '@/server/postgres/contract'
import type { ServerPage } from '@/server/queries/servers'

const BUSY_POLL_MS = 2_000
const POLL_MS = 30_000
const MOVING = ['Provisioning', 'Updating', 'Dropping', 'Starting', 'Stopping', 'Restarting']

export const serversQuery = queryOptions({
  queryKey: ['servers', 'list'],
  queryFn: ({ signal }) => getJson<ServerView[]>('servers', signal),
  refetchInterval: (query) => (query.state.data?.some((s) => MOVING.includes(s.state)) ? BUSY_POLL_MS : POLL_MS),
})

export const serverQuery = (name: string) =>
  queryOptions({
    queryKey: ['servers', 'one', name],
    queryFn: ({ signal }) => getJson<ServerPage>(`servers/${encodeURIComponent(name)}`, signal),
    refetchInterval: (query) => (query.state.data?.operation ? BUSY_POLL_MS : POLL_MS),
  })

export const connectionQuery = (name: string) =>
  queryOptions({
    // Below the server's own key: what changes the server changes this.
    queryKey: ['servers', 'one', name, 'connection'],
    queryFn: ({ signal }) => getJson<ConnectionView>(`servers/${encodeURIComponent(name)}/connection`, signal),
    refetchInterval: 10_000,
  })
