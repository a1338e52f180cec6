import { queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import { testKeyAccess } from '@/server/actions/create-server'
import type { StoreType } from '@/server/keys/model'
import type { EncryptionInput } from '@/server/postgres/contract'
import type { KeyOption, KeyStoreOptions } from '@/server/queries/create-key-options'
import type { CreateOptions, NameCheck } from '@/server/queries/create-options'

const search = (values: Record<string, string>): string => new URLSearchParams(values).toString()

export const createOptionsQuery = queryOptions({
  queryKey: ['resources', 'create-options'],
  queryFn: ({ signal }) => getJson<CreateOptions>('create-options', signal),
})

export const nameCheckQuery = (name: string) =>
  queryOptions({
    queryKey: ['servers', 'name-check', name],
    queryFn: ({ signal }) => getJson<NameCheck>(`create-options/name?${search({ name })}`, signal),
  })

export const keyStoresQuery = (at: { subscriptionId: string; location: string; type: StoreType }) =>
  queryOptions({
    queryKey: ['keys', 'stores', at],
    queryFn: ({ signal }) => getJson<KeyStoreOptions>(`create-options/key-stores?${search(at)}`, signal),
  })

export const storeKeysQuery = (storeId: string) =>
  queryOptions({
    queryKey: ['keys', 'of-store', storeId],
    queryFn: ({ signal }) => getJson<KeyOption[]>(`create-options/keys?${search({ storeId })}`, signal),
    // Each listing is a record in the store's audit log: no polling.
    refetchInterval: false,
    refetchOnWindowFocus: false,
  })

export type PreflightInput = {
  subscriptionId: string
  location: string
  geoRedundant: boolean
  encryption: EncryptionInput
}

/** Tests again whenever keys or role assignments change; never by polling, for each test wraps and unwraps. */
export const preflightQuery = (input: PreflightInput) =>
  queryOptions({
    queryKey: ['keys', 'preflight', input],
    queryFn: async () => {
      const result = await testKeyAccess(input)
      if (!result.ok) throw new Error(result.message)
      return result.data
    },
    refetchInterval: false,
    refetchOnWindowFocus: false,
    retry: false,
  })
