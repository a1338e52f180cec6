import 'server-only'
import type { Permission, RoleAssignmentView } from '@/server/identity/contract'
import { findPrincipal, listRoleAssignments, principalNames } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { parseResourceId, RESOURCE_TYPES, sameId } from '@/server/kernel/resource-id'
import type { KeyRequest } from '@/server/keys/model'
import { canOnVaultKeys, findVaultByName } from '@/server/keyvault/service'

/** What people ask about keys, in the order of a page. */
const REQUESTS = [
  ...(['get', 'wrap', 'unwrap', 'sign', 'create', 'update', 'rotate', 'setRotationPolicy'] as const),
  ...(['backup', 'remove', 'recover', 'purge'] as const),
] satisfies KeyRequest[]

export type KeyVerdict = { request: (typeof REQUESTS)[number]; permission: Permission }

export type CheckAccessView = {
  name: string
  kind: string
  /** Its own and its groups', at the scope and above; `via` names the group. */
  roles: (RoleAssignmentView & { via: string | null })[]
  /** What the vault would answer to requests about its keys; null where the scope is no vault. */
  keys: { permissionModel: 'rbac' | 'accessPolicies'; verdicts: KeyVerdict[] } | null
}

/** What one principal may do at a scope. @throws AppError `AuthorizationFailed`, `IdentityNotFound`. */
export async function readCheckAccess(ctx: Ctx, scope: string, principalId: string): Promise<CheckAccessView> {
  const assignments = await listRoleAssignments(ctx, scope, { inherited: true })
  const principal = await findPrincipal(ctx, principalId)
  if (!principal)
    throw new AppError('IdentityNotFound', { publicMessage: 'The directory has nobody of that object id any more.' })
  const groups = await principalNames(ctx, principal.groupIds)
  const roles = assignments
    .filter((a) => a.principalId === principal.objectId || principal.groupIds.includes(a.principalId))
    .map((a) => ({ ...a, via: groups.get(a.principalId) ?? null }))
  // The identity of a server comes as the service does; people are taken to be where the asker is.
  const isIdentity = principal.kind === 'ManagedIdentity'
  const caller = isIdentity ? { ...ctx.caller, trustedService: 'Azure Database for PostgreSQL' } : ctx.caller
  const keys = await keyVerdicts({ ...ctx, principal, caller }, await vaultOf(ctx, scope))
  return { name: principal.displayName, kind: principal.kind, roles, keys }
}

async function vaultOf(ctx: Ctx, scope: string) {
  const [vaultId, keyName] = scope.split(/\/keys\//i)
  const id = parseResourceId(vaultId ?? '')
  if (!id || !sameId(id.type, RESOURCE_TYPES.vault)) return null
  const vault = await findVaultByName(ctx, id.name)
  return vault && !vault.deletedAt ? { vault, keyName } : null
}

async function keyVerdicts(asked: Ctx, at: Awaited<ReturnType<typeof vaultOf>>): Promise<CheckAccessView['keys']> {
  if (!at) return null
  const { vault, keyName } = at
  const verdicts = REQUESTS.map(async (request) => ({
    request,
    permission: await canOnVaultKeys(asked, vault.name, request, keyName),
  }))
  return { permissionModel: vault.rbac ? 'rbac' : 'accessPolicies', verdicts: await Promise.all(verdicts) }
}
