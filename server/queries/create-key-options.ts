import 'server-only'
import { z } from 'zod'
import type { Permission } from '@/server/identity/contract'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { regionDisplayName } from '@/server/kernel/regions'
import { parseResourceId, RESOURCE_TYPES } from '@/server/kernel/resource-id'
import type { KeyVersionView, KeyView } from '@/server/keys/contract'
import { type StoreType, storeOrigin } from '@/server/keys/model'
import { canOnVaultKeys, listVaults, vaultKeys } from '@/server/keyvault/service'
import { canOnHsmKeys, hsmKeys, listManagedHsms } from '@/server/managed-hsm/service'
import { attributeProblem, SUPPORTED_KEY_SIZES } from '@/server/postgres/service'
import { portalRuntime } from './runtime'

const keyStoresInput = z.object({
  subscriptionId: z.string(),
  location: z.string(),
  type: z.enum(['vault', 'managedhsm']),
})

export type KeyStoreOption = { id: string; name: string; resourceGroup: string }
/** A store that cannot be picked, and why, also in two or three words; `keysUri` begins its key identifiers, where entering one would help. */
export type HiddenKeyStore = { id: string; name: string; brief: string; reason: string; keysUri: string | null }
export type KeyStoreOptions = { offered: KeyStoreOption[]; hidden: HiddenKeyStore[] }

type Candidate = KeyStoreOption & { subscriptionId: string; location: string; activated: boolean }

/** The stores of one kind in one region whose keys the person may list, and why the others are left out. */
export async function readKeyStores(ctx: Ctx, query: Record<string, string>): Promise<KeyStoreOptions> {
  const parsed = keyStoresInput.safeParse(query)
  if (!parsed.success) throw new AppError('BadParameter', { publicMessage: 'Say which kind of store, where.' })
  const input = parsed.data
  const answer: KeyStoreOptions = { offered: [], hidden: [] }
  for (const store of await candidates(ctx, input.type)) {
    const { id, name, resourceGroup } = store
    const hidden = (brief: string, reason: string, byIdentifier = false) => {
      const keysUri = byIdentifier ? `${storeOrigin(input.type, name, portalRuntime().config.httpsPort)}/keys/` : null
      answer.hidden.push({ id, name, brief, reason, keysUri })
    }
    const mayList = await mayListKeys(ctx, input.type, id)
    if (store.location !== input.location) {
      const region = regionDisplayName(store.location)
      hidden(`in ${region}`, `It is in ${region}; the key must be in ${regionDisplayName(input.location)}.`)
    } else if (!store.activated) hidden('not activated', 'It is not activated yet, so it has no keys.')
    else if (store.subscriptionId !== input.subscriptionId)
      hidden('another subscription', 'It is in another subscription.', true)
    else if (!mayList.allowed) hidden('no right to list keys', `You cannot list its keys. ${mayList.reason}`, true)
    else answer.offered.push({ id, name, resourceGroup })
  }
  return answer
}

async function candidates(ctx: Ctx, type: StoreType): Promise<Candidate[]> {
  if (type === 'vault') return (await listVaults(ctx)).map((vault) => ({ ...vault, activated: true }))
  return listManagedHsms(ctx)
}

const mayListKeys = (ctx: Ctx, type: StoreType, id: string): Promise<Permission> =>
  type === 'vault' ? canOnVaultKeys(ctx, id, 'list') : canOnHsmKeys(ctx, id, 'list')

/** A key, or one of its versions; `problem` says why it cannot protect a server now. */
export type KeyVersionOption = {
  version: string
  uri: string
  createdAt: string
  current: boolean
  problem: string | null
}
export type KeyOption = {
  name: string
  kind: string
  /** Of the current version: what counts with automatic key version update. */
  problem: string | null
  versionlessUri: string
  versions: KeyVersionOption[]
}

/** The keys of a store, as listed by the person's own rights and recorded in the store's audit log. */
export async function readStoreKeys(ctx: Ctx, storeId: string): Promise<KeyOption[]> {
  const { httpsPort } = portalRuntime().config
  const isHsm = parseResourceId(storeId)?.type.toLowerCase() === RESOURCE_TYPES.managedHsm.toLowerCase()
  const keys = await (isHsm ? hsmKeys(ctx, storeId) : vaultKeys(ctx, storeId)).views(httpsPort)
  return keys.map((key) => keyOption(key, ctx.now))
}

function keyOption(key: KeyView, now: Date): KeyOption {
  const versions = key.versions.map((v) => versionOption(v, now))
  return {
    name: key.name,
    kind: [key.kty, key.keySize ?? key.curve].filter(Boolean).join(' '),
    problem: versions.find((v) => v.current)?.problem ?? null,
    versionlessUri: key.versionlessUri,
    versions,
  }
}

const versionOption = (v: KeyVersionView, now: Date): KeyVersionOption => ({
  version: v.version,
  uri: v.uri,
  createdAt: v.createdAt,
  current: v.current,
  problem: problemOf(v, now),
})

const day = (at: string | null): string => at?.slice(0, 10) ?? ''

function problemOf(v: KeyVersionView, now: Date): string | null {
  const dates = {
    notBefore: v.notBefore ? new Date(v.notBefore) : null,
    expires: v.expires ? new Date(v.expires) : null,
  }
  switch (attributeProblem({ ...v, ...dates }, now)) {
    case 'KeyTypeUnsupported':
      return `${v.kty} keys cannot wrap`
    case 'KeyDisabled':
      return 'disabled'
    case 'KeyNotYetValid':
      return `not active before ${day(v.notBefore)}`
    case 'KeyExpired':
      return `expired on ${day(v.expires)}`
  }
  if (v.keySize === null || !SUPPORTED_KEY_SIZES.includes(v.keySize))
    return `${v.keySize ?? 'unknown'} bits are not supported`
  return v.keyOps.includes('wrapKey') && v.keyOps.includes('unwrapKey') ? null : 'may not wrap and unwrap'
}
