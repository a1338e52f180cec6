import { queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import type { AccessView } from '@/server/queries/access'
import type { IdentitiesView, IdentityPage } from '@/server/queries/identities'

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
