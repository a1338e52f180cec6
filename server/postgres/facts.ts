import { randomBytes } from 'node:crypto'
import type { KeyAccess, KeyWrapper } from '@/server/encryption/model'
import { getManagedIdentity } from '@/server/identity/service'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { AppError, isAppError } from '@/server/kernel/errors'
import { type KeyBundle, type KeyIdentifier, parseKeyIdentifier } from '@/server/keys/model'
import { listVersions } from '@/server/keys/service'
import { resolveVaultHost } from '@/server/keyvault/service'
import { resolveHsmHost } from '@/server/managed-hsm/service'
import type { KeyChoice } from './contract'
import type { KeyFacts } from './rules'

/** The service's own eyes: what it sees of stores and keys does not depend on who asks. */
const asService = (ctx: Ctx): Ctx => ({ ...ctx, principal: SERVICE_PRINCIPAL })

/** Gathers what the preconditions judge: the store's settings, the key's attributes, and a real attempt by the identity. */
export async function gatherKeyFacts(
  ctx: Ctx,
  keyAccess: KeyAccess,
  init: { role: 'primary' | 'geo'; server: KeyFacts['server']; choice: KeyChoice; otherIdentityId: string | null },
): Promise<KeyFacts> {
  const service = asService(ctx)
  const { choice } = init
  const parsed = parseKeyIdentifier(choice.keyUri)
  const identity = choice.identityId ? await getManagedIdentity(service, choice.identityId) : null
  const store = parsed && keyAccess.kind === 'simulated' ? await findStore(ctx, parsed) : null
  const ours = store?.tenantId === ctx.tenantId
  const versions = ours && parsed ? await findVersions(service, store.id, parsed.keyName) : null
  const bundle = versions?.find((v) => (parsed?.version ? v.version === parsed.version : v.current)) ?? null
  const access = identity && parsed ? await tryAccess(ctx, keyAccess, identity.id, choice.keyUri) : null
  const described = access?.described
  return {
    role: init.role,
    server: init.server,
    keyUri: choice.keyUri,
    autoUpdate: choice.autoUpdate,
    identity: identity && {
      id: identity.id,
      name: identity.name,
      tenantId: identity.tenantId,
      location: identity.location,
      type: 'UserAssigned',
    },
    otherIdentityId: init.otherIdentityId,
    store,
    key: bundle ? attributesOf(bundle, choice.keyUri) : (described ?? null),
    keyNameExists: (versions?.length ?? 0) > 0,
    access: access?.verdict ?? null,
    external: keyAccess.kind === 'external',
    now: ctx.now,
  }
}

async function findVersions(ctx: Ctx, storeId: string, name: string): Promise<KeyBundle[] | null> {
  try {
    return await listVersions(ctx, storeId, name)
  } catch (error) {
    if (isAppError(error) && error.code === 'KeyNotFound') return null
    throw error
  }
}

const attributesOf = (bundle: KeyBundle, keyUri: string): KeyFacts['key'] => ({
  kid: keyUri,
  kty: bundle.kty,
  keySize: bundle.keySize,
  enabled: bundle.enabled,
  notBefore: bundle.notBefore,
  expires: bundle.expires,
})

/** The store that the host name leads to, of whatever tenant. */
async function findStore(ctx: Pick<Ctx, 'db'>, id: KeyIdentifier): Promise<KeyFacts['store']> {
  if (id.storeType === 'vault') {
    const vault = await resolveVaultHost(ctx.db, id.storeName)
    if (!vault) return null
    return {
      kind: 'vault',
      id: vault.id,
      name: vault.name,
      tenantId: vault.tenantId,
      subscriptionId: vault.subscriptionId,
      location: vault.location,
      softDeleteDays: vault.softDelete ? vault.softDeleteDays : 0,
      purgeProtection: vault.purgeProtection,
      permissionModel: vault.rbac ? 'rbac' : 'accessPolicies',
      activated: true,
      publicNetworkAccess: vault.publicNetworkAccess,
      defaultAction: vault.networkAcls.defaultAction,
      trustedBypass: vault.networkAcls.bypass === 'AzureServices',
    }
  }
  const hsm = await resolveHsmHost(ctx.db, id.storeName)
  if (!hsm) return null
  return {
    kind: 'managedhsm',
    id: hsm.id,
    name: hsm.name,
    tenantId: hsm.tenantId,
    subscriptionId: hsm.subscriptionId,
    location: hsm.location,
    softDeleteDays: hsm.softDeleteDays,
    purgeProtection: hsm.purgeProtection,
    permissionModel: 'localRbac',
    activated: hsm.activatedAt !== null,
    publicNetworkAccess: hsm.publicNetworkAccess,
    defaultAction: hsm.networkAcls.defaultAction,
    trustedBypass: hsm.networkAcls.bypass === 'AzureServices',
  }
}

type Attempt = { verdict: NonNullable<KeyFacts['access']>; described?: Awaited<ReturnType<KeyWrapper['describeKey']>> }

/** Reads the key, wraps a random test key and unwraps it, as the identity. */
async function tryAccess(ctx: Ctx, keyAccess: KeyAccess, identityId: string, keyUri: string): Promise<Attempt> {
  let described: Attempt['described']
  const probe = randomBytes(32)
  try {
    const wrapper = await keyAccess.wrapperFor(ctx, { identityId, principalId: null })
    described = await wrapper.describeKey(keyUri)
    if (!/^RSA/.test(described.kty)) {
      throw new AppError('KeyTypeUnsupported', { publicMessage: `A ${described.kty} key cannot wrap.` })
    }
    const { kid, wrapped } = await wrapper.wrapKey(described.kid, probe)
    const back = await wrapper.unwrapKey(kid, wrapped)
    const same = back.equals(probe)
    back.fill(0)
    if (!same)
      throw new AppError('EnvelopeCorrupt', { publicMessage: 'The key store returned another key than it was given.' })
    return { verdict: { ok: true }, described }
  } catch (error) {
    if (!isAppError(error)) throw error
    return { verdict: { ok: false, code: error.code, message: error.publicMessage }, described }
  } finally {
    probe.fill(0)
  }
}
