import { queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import type { ParameterView, ServerView } from '@/server/postgres/contract'

/**
 * Asking opens the database, so that it is not repeated while nobody does anything. A restart, which applies what
 * waited for it, is a new time of being Ready.
 */
export const parametersQuery = ({ name, state, stateSince }: ServerView) =>
  queryOptions({
    queryKey: ['parameters', name, stateSince],
    queryFn: ({ signal }) => getJson<ParameterView[]>(`servers/${encodeURIComponent(name)}/parameters`, signal),
    enabled: state === 'Ready',
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  })
