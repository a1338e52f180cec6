import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import type { DiagnosticsView } from '@/server/queries/diagnostics'
import type { HsmPage, HsmsView, LocalRolesView, PoolBackupsView } from '@/server/queries/hsms'
import type { ImpactQuestion, ImpactView } from '@/server/queries/impact'
import type { StoreRef } from '@/server/queries/key-stores'
import type { AuditPage, DeletedKeysView, KeyPage, KeysView } from '@/server/queries/keys'
import type { VaultPage, VaultsView } from '@/server/queries/vaults'

const seg = encodeURIComponent
const under = ({ type, name }: StoreRef): string => `keys/${type}/${seg(name)}`

/** Each of these is a request in the store's audit log: asked on a change or a visit, never by polling. */
const onChangeOnly = { refetchInterval: false, refetchOnWindowFocus: false } as const

export const vaultsQuery = queryOptions({
  queryKey: ['keys', 'vaults'],
  queryFn: ({ signal }) => getJson<VaultsView>('vaults', signal),
})

export const vaultQuery = (name: string) =>
  queryOptions({
    queryKey: ['keys', 'vault', name],
    queryFn: ({ signal }) => getJson<VaultPage>(`vaults/${seg(name)}`, signal),
  })

export const hsmsQuery = queryOptions({
  queryKey: ['keys', 'hsms'],
  queryFn: ({ signal }) => getJson<HsmsView>('hsms', signal),
})

export const hsmQuery = (name: string) =>
  queryOptions({
    queryKey: ['keys', 'hsm', name],
    queryFn: ({ signal }) => getJson<HsmPage>(`hsms/${seg(name)}`, signal),
    ...onChangeOnly,
  })

export const localRolesQuery = (name: string) =>
  queryOptions({
    // Local roles change with other role assignments.
    queryKey: ['identity', 'local-roles', name],
    queryFn: ({ signal }) => getJson<LocalRolesView>(`hsms/${seg(name)}/roles`, signal),
    ...onChangeOnly,
  })

export const poolBackupsQuery = (name: string) =>
  queryOptions({
    queryKey: ['keys', 'pool-backups', name],
    queryFn: ({ signal }) => getJson<PoolBackupsView>(`hsms/${seg(name)}/backups`, signal),
    ...onChangeOnly,
  })

export const keysQuery = (store: StoreRef) =>
  queryOptions({
    queryKey: ['keys', 'in', store.type, store.name],
    queryFn: ({ signal }) => getJson<KeysView>(under(store), signal),
    ...onChangeOnly,
  })

export const keyQuery = (store: StoreRef, key: string) =>
  queryOptions({
    queryKey: ['keys', 'in', store.type, store.name, key],
    queryFn: ({ signal }) => getJson<KeyPage>(`${under(store)}/live/${seg(key)}`, signal),
    ...onChangeOnly,
  })

export const deletedKeysQuery = (store: StoreRef) =>
  queryOptions({
    queryKey: ['keys', 'deleted-in', store.type, store.name],
    queryFn: ({ signal }) => getJson<DeletedKeysView>(`${under(store)}/deleted`, signal),
    ...onChangeOnly,
  })

/** Changes with what engines send: told with alerts, and no request in the store's audit log. */
export const diagnosticsQuery = (store: StoreRef) =>
  queryOptions({
    queryKey: ['alerts', 'diagnostics', store.type, store.name],
    queryFn: ({ signal }) => getJson<DiagnosticsView>(`${under(store)}/diagnostics`, signal),
  })

/** Filters of the audit log, by their names in the page's address and in the request. */
export const AUDIT_FILTERS = ['operation', 'result', 'caller', 'address', 'correlation', 'hours'] as const
export type AuditFilters = Partial<Record<(typeof AUDIT_FILTERS)[number], string>>

export const auditFiltersFrom = (params: URLSearchParams): AuditFilters =>
  Object.fromEntries(AUDIT_FILTERS.flatMap((name) => (params.get(name) ? [[name, params.get(name)!]] : [])))

export const auditExportPath = (store: StoreRef, filters: AuditFilters): string =>
  `/api/portal/${under(store)}/audit/export?${new URLSearchParams(filters)}`

export const auditQuery = (store: StoreRef, filters: AuditFilters) =>
  infiniteQueryOptions({
    queryKey: ['activity', 'audit', store.type, store.name, filters],
    initialPageParam: null as number | null,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams(filters)
      if (pageParam) query.set('before', String(pageParam))
      return getJson<AuditPage>(`${under(store)}/audit?${query}`, signal)
    },
    getNextPageParam: (page) => page.next,
  })

export const impactQuery = (question: ImpactQuestion) =>
  queryOptions({
    queryKey: ['servers', 'impact', question],
    queryFn: ({ signal }) => getJson<ImpactView>(`keys/impact?${new URLSearchParams(question)}`, signal),
    // By when servers lose access follows the clock.
    staleTime: 0,
  })

/** The public half of a version; asked when somebody wants the file, and recorded by the store. */
export const fetchPublicKey = (store: StoreRef, key: string, version: string): Promise<{ pem: string }> =>
  getJson(`${under(store)}/live/${seg(key)}/public?${new URLSearchParams({ version })}`)
