import { listActivity, listAudit } from '@/server/activity/service'
import { getManagedIdentity, listRoleAssignments } from '@/server/identity/service'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { isAppError } from '@/server/kernel/errors'
import { sameId } from '@/server/kernel/resource-id'
import { type KeyIdentifier, parseKeyIdentifier } from '@/server/keys/model'
import { findKey, getDeletedKey } from '@/server/keys/service'
import { findVaultByName } from '@/server/keyvault/service'
import { findHsmByName } from '@/server/managed-hsm/service'
import type { KeyAccessCause, KeyUse } from './model'
import { SERVICE_ROLE } from './rules'

export type Diagnosis = { cause: KeyAccessCause; evidence: Record<string, string> }
type Store = NonNullable<Awaited<ReturnType<typeof findStore>>>
type Case = { ctx: Ctx; use: KeyUse; id: KeyIdentifier; store: Store | null; cause: KeyAccessCause }

const RECENT = 50

/**
 * What the service itself can see behind a refusal: a closer name for the cause, the rule, role, policy or date that
 * decided, and who changed it when. The verdict stays the key store's own; only how it is told comes from here.
 */
export async function diagnose(unprivileged: Ctx, use: KeyUse, cause: KeyAccessCause, kid: string): Promise<Diagnosis> {
  const ctx = { ...unprivileged, principal: SERVICE_PRINCIPAL }
  const id = parseKeyIdentifier(kid)
  if (!id) return { cause, evidence: {} }
  const store = await findStore(ctx, id)
  const look = LOOKS[cause]
  return look ? look({ ctx, use, id, store, cause }) : { cause, evidence: {} }
}

async function findStore(ctx: Ctx, { storeType, storeName }: KeyIdentifier) {
  if (storeType === 'vault') {
    const vault = await findVaultByName(ctx, storeName)
    return vault && { ...vault, kind: 'vault' as const }
  }
  const hsm = await findHsmByName(ctx, storeName)
  return hsm && { ...hsm, kind: 'managedhsm' as const }
}

const LOOKS: Partial<Record<KeyAccessCause, (c: Case) => Promise<Diagnosis>>> = {
  IdentityDeleted: atIdentity,
  VaultDeleted: atDeletedStore,
  FirewallBlocked: atFirewall,
  RoleRemoved: atRole,
  PolicyRevoked: atPolicy,
  KeyDeleted: atMissingKey,
  KeyDisabled: atVersion,
  KeyExpired: atVersion,
  KeyNotYetValid: atVersion,
  OperationNotPermitted: atVersion,
}

async function atIdentity({ ctx, use, cause }: Case): Promise<Diagnosis> {
  if (!use.identity) return { cause, evidence: {} }
  const { identityId, principalId } = use.identity
  const now = await getManagedIdentity(ctx, identityId)
  const changed = await lastChange(ctx, identityId, 'Microsoft.ManagedIdentity/userAssignedIdentities/delete')
  if (now && now.principalId !== principalId)
    return { cause: 'IdentityReplaced', evidence: { presentPrincipalId: now.principalId, ...changed } }
  return { cause, evidence: changed }
}

async function atDeletedStore({ ctx, store, id, cause }: Case): Promise<Diagnosis> {
  if (!store) return { cause: 'VaultPurged', evidence: { keyStoreType: id.storeType } }
  const type = store.kind === 'vault' ? 'vaults' : 'managedHSMs'
  return {
    cause,
    evidence: {
      keyStoreType: store.kind,
      ...(store.deletedAt ? { deletedAt: store.deletedAt.toISOString() } : {}),
      ...(store.scheduledPurgeAt ? { recoverableUntil: store.scheduledPurgeAt.toISOString() } : {}),
      ...(await lastChange(ctx, store.id, `Microsoft.KeyVault/${type}/delete`)),
    },
  }
}

async function atFirewall({ ctx, store, cause }: Case): Promise<Diagnosis> {
  if (!store) return { cause, evidence: {} }
  const type = store.kind === 'vault' ? 'vaults' : 'managedHSMs'
  const rule = `publicNetworkAccess=${store.publicNetworkAccess ? 'Enabled' : 'Disabled'}, defaultAction=${store.networkAcls.defaultAction}, bypass=${store.networkAcls.bypass}`
  return { cause, evidence: { rule, ...(await lastChange(ctx, store.id, `Microsoft.KeyVault/${type}/write`)) } }
}

async function atRole({ ctx, use, store, cause }: Case): Promise<Diagnosis> {
  if (!store) return { cause, evidence: {} }
  const role = SERVICE_ROLE[store.kind]
  if (store.kind === 'managedhsm')
    return { cause, evidence: { role, scope: 'local RBAC of the HSM', ...(await lastLocalRoleRemoval(ctx, store.id)) } }
  const assignments = await listRoleAssignments(ctx, store.id, { inherited: true, below: true })
  const coming = assignments
    .filter((a) => a.principalId === use.identity?.principalId && new Date(a.effectiveAt) > ctx.now)
    .map((a) => a.effectiveAt)
    .sort()[0]
  if (coming) return { cause: 'RolePropagating', evidence: { role, scope: store.id, takesEffectAt: coming } }
  return { cause, evidence: { role, scope: store.id, ...(await lastRoleRemoval(ctx, use)) } }
}

async function lastRoleRemoval(ctx: Ctx, use: KeyUse): Promise<Record<string, string>> {
  const operationName = 'Microsoft.Authorization/roleAssignments/delete'
  const events = await listActivity(ctx, { operationName, limit: RECENT, scopes: ['/'] })
  const event = events.find((e) => e.status === 'Succeeded' && e.properties.principalId === use.identity?.principalId)
  return event ? { changedBy: event.caller, changedAt: event.at } : {}
}

/** Local roles are the HSM's own: its audit log alone tells of them, and not whose it was. */
async function lastLocalRoleRemoval(ctx: Ctx, storeId: string): Promise<Record<string, string>> {
  const entries = await listAudit(ctx, { storeId, operationName: 'RoleAssignmentDelete', limit: RECENT })
  const { changedBy, changedAt } = auditor(entries.find((e) => e.httpStatusCode < 300))
  return changedBy && changedAt ? { lastRoleRemovalBy: changedBy, lastRoleRemovalAt: changedAt } : {}
}

async function atPolicy({ ctx, use, store, cause }: Case): Promise<Diagnosis> {
  if (store?.kind !== 'vault') return { cause, evidence: {} }
  const policy = store.accessPolicies.find((p) => p.objectId === use.identity?.principalId)
  const has = (permission: string) => policy?.keys.some((k) => sameId(k, permission) || sameId(k, 'all')) ?? false
  const missing = ['get', 'list', 'wrapKey', 'unwrapKey'].filter((permission) => !has(permission))
  const changed = await lastChange(ctx, store.id, 'Microsoft.KeyVault/vaults/accessPolicies/write')
  return { cause, evidence: { missingPermissions: missing.join(', '), ...changed } }
}

async function atMissingKey({ ctx, store, id, cause }: Case): Promise<Diagnosis> {
  if (!store) return { cause, evidence: {} }
  if (await findKey(ctx, store.id, id.keyName)) return { cause: 'KeyVersionMissing', evidence: {} }
  const changed = await lastKeyChange(ctx, store.id, id, 'KeyDelete')
  try {
    const { deletedAt, scheduledPurgeAt } = await getDeletedKey(ctx, store.id, id.keyName)
    return {
      cause,
      evidence: {
        ...(deletedAt ? { deletedAt: deletedAt.toISOString() } : {}),
        ...(scheduledPurgeAt ? { recoverableUntil: scheduledPurgeAt.toISOString() } : {}),
        ...changed,
      },
    }
  } catch (error) {
    if (!isAppError(error)) throw error
    return { cause: 'KeyPurged', evidence: changed }
  }
}

async function atVersion({ ctx, store, id, cause }: Case): Promise<Diagnosis> {
  const versions = store && (await findKey(ctx, store.id, id.keyName))
  const own = versions?.find((v) => v.version === id.version)
  if (!store || !own) return { cause, evidence: {} }
  const newest = versions![0]!
  return {
    cause,
    evidence: {
      enabled: String(own.enabled),
      ...(own.notBefore ? { activeFrom: own.notBefore.toISOString() } : {}),
      ...(own.expires ? { expires: own.expires.toISOString() } : {}),
      permittedOperations: own.keyOps.join(', '),
      ...(newest.version === own.version ? {} : { newestVersion: newest.version }),
      ...(await lastKeyChange(ctx, store.id, id, 'KeyUpdate')),
    },
  }
}

async function lastChange(ctx: Ctx, resourceId: string, operationName: string): Promise<Record<string, string>> {
  const events = await listActivity(ctx, { resourceId, operationName, limit: RECENT, scopes: ['/'] })
  const event = events.find((e) => e.status === 'Succeeded')
  return event ? { changedBy: event.caller, changedAt: event.at } : {}
}

async function lastKeyChange(
  ctx: Ctx,
  storeId: string,
  id: KeyIdentifier,
  operationName: string,
): Promise<Record<string, string>> {
  const entries = await listAudit(ctx, { storeId, operationName, limit: RECENT })
  return auditor(entries.find((e) => e.httpStatusCode < 300 && isAbout(e.properties.id, id)))
}

type AuditEntry = Awaited<ReturnType<typeof listAudit>>[number]

function auditor(entry: AuditEntry | undefined): Record<string, string> {
  const claim = (entry?.identity.claim ?? {}) as { name?: string; upn?: string }
  return entry ? { changedBy: claim.upn ?? claim.name ?? 'unknown', changedAt: entry.at } : {}
}

/** An audit record names the key, and the version when one was known. */
function isAbout(uri: unknown, id: KeyIdentifier): boolean {
  const about = parseKeyIdentifier(String(uri))
  return !!about && sameId(about.keyName, id.keyName) && (!about.version || about.version === id.version)
}
