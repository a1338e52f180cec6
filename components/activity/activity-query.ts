import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import type { ActivityPage } from '@/server/queries/activity'

/** What of the activity log is asked for; all of it is in the address of the page. */
export type ActivityFilter = { resource?: string; correlation?: string; level?: string; hours?: string }

export const FILTER_NAMES = ['resource', 'correlation', 'level', 'hours'] as const

const queryOf = (entries: Record<string, string | number | undefined>): string =>
  new URLSearchParams(
    Object.entries(entries).flatMap(([name, value]) => (value ? [[name, String(value)]] : [])),
  ).toString()

/** The filter in an address: unknown names are left out, so that the same view has the same key. */
export function filterFrom(params: { get(name: string): string | null }): ActivityFilter {
  const entries = FILTER_NAMES.flatMap((name) => {
    const value = params.get(name)
    return value ? [[name, value]] : []
  })
  return Object.fromEntries(entries)
}

export const activityQuery = (filter: ActivityFilter) =>
  infiniteQueryOptions({
    queryKey: ['activity', 'list', filter],
    initialPageParam: null as number | null,
    queryFn: ({ pageParam, signal }) =>
      getJson<ActivityPage>(`activity?${queryOf({ ...filter, before: pageParam ?? undefined })}`, signal),
    getNextPageParam: (page) => page.next,
  })

/** One entry by its number, whatever the list shows. */
export const activityEventQuery = (seq: number) =>
  queryOptions({
    queryKey: ['activity', 'event', seq],
    queryFn: async ({ signal }) => {
      const page = await getJson<ActivityPage>(`activity?${queryOf({ before: seq + 1, limit: 1 })}`, signal)
      return page.events.find((e) => e.seq === seq) ?? null
    },
    refetchInterval: false,
  })
