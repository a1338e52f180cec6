import { queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import type { AccessView } from '@/server/queries/access'
import type { CheckAccessView } from '@/server/queries/check-access'
import type { IdentitiesView, IdentityPage } from '@/server/queries/identities'
import type { LocksView } from '@/server/queries/locks'

export const identitiesQuery = queryOptions({
  queryKey: ['identity', 'list'],
  queryFn: ({ signal }) => getJson<IdentitiesView>('identities', signal),
})

export const identityQuery = (principalId: string) =>
  queryOptions({
    queryKey: ['identity', 'one', principalId],
    queryFn: ({ signal }) => getJson<IdentityPage>(`identities/${encodeURIComponent(principalId)}`, signal),
  })

export const accessQuery = (scope: string) =>
  queryOptions({
    queryKey: ['identity', 'access', scope],
    queryFn: ({ signal }) => getJson<AccessView>(`access?${new URLSearchParams({ scope })}`, signal),
  })

export const locksQuery = (scope: string) =>
  queryOptions({
    queryKey: ['identity', 'locks', scope],
    queryFn: ({ signal }) => getJson<LocksView>(`locks?${new URLSearchParams({ scope })}`, signal),
  })

export const checkAccessQuery = (scope: string, principal: string) =>
  queryOptions({
    queryKey: ['identity', 'check', scope, principal],
    queryFn: ({ signal }) =>
      getJson<CheckAccessView>(`access/check?${new URLSearchParams({ scope, principal })}`, signal),
  })
