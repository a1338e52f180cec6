import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import type { FleetTilesView, HorizonView, SwimlanesView } from '@/server/monitor/contract/fleet'

/** @param at milliseconds of virtual time, or null for now. */
export const tilesQuery = (at: string | null) =>
  queryOptions({
    queryKey: ['fleet', 'tiles', at],
    queryFn: ({ signal }) => getJson<FleetTilesView>(`fleet/tiles${at ? `?at=${at}` : ''}`, signal),
    placeholderData: keepPreviousData,
  })

export type LanesAsked = { hours: string; to: string | null; server: string | null }

export const lanesQuery = ({ hours, to, server }: LanesAsked) =>
  queryOptions({
    queryKey: ['fleet', 'lanes', hours, to, server],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({ hours })
      if (to) query.set('to', to)
      if (server) query.set('server', server)
      return getJson<SwimlanesView>(`fleet/swimlanes?${query}`, signal)
    },
    placeholderData: keepPreviousData,
  })

export const horizonQuery = queryOptions({
  queryKey: ['fleet', 'horizon'],
  queryFn: ({ signal }) => getJson<HorizonView>('fleet/horizon', signal),
})
