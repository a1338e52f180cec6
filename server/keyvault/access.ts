import type { Permission } from '@/server/identity/contract'
import { canData, checkDataAction } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { parseResourceId, sameId } from '@/server/kernel/resource-id'
import type { KeyRequest } from '@/server/keys/model'
import type { AuditFacts } from '@/server/keys/service/audit'
import { DATA_ACTION_PREFIX, VAULT_RIGHTS, type Vault } from './model'
import { networkRefusal, networkVerdict, policyAllows, policyRefusal, rbacRefusal } from './rules'
import * as store from './store'

/**
 * The live vault that a name or resource id means in the caller's tenant.
 * @throws AppError `VaultNotFound`.
 */
export async function loadVault(ctx: Ctx, nameOrId: string): Promise<Vault> {
  const id = nameOrId.startsWith('/') ? parseResourceId(nameOrId) : null
  const name = id?.name ?? nameOrId
  const vault = await store.findByName(ctx.db, name)
  const found = vault && vault.tenantId === ctx.tenantId && !vault.deletedAt && (!id || sameId(vault.id, nameOrId))
  if (found) return vault
  throw new AppError('VaultNotFound', {
    publicMessage: `There is no vault '${name}'. If it was deleted recently, it may still be recovered.`,
  })
}

/**
 * Lets a request through to the vault's keys or refuses it: network first, then rights.
 * @throws AppError `ForbiddenByConnection`, `ForbiddenByFirewall`, `ForbiddenByRbac`, `ForbiddenByPolicy`.
 */
export async function admit(
  ctx: Ctx,
  vault: Vault,
  request: KeyRequest,
  keyName: string | undefined,
  facts: AuditFacts,
): Promise<void> {
  const network = await networkOf(ctx, vault)
  facts.isAddressAuthorized = network === 'allowed'
  if (network !== 'allowed') throw networkRefusal(network, vault, ctx.principal, ctx.caller)
  const scope = keyScope(vault, keyName)
  if (ctx.principal.isService) return
  if (vault.serviceOwned && !ctx.caller.trustedService) throw rbacRefusal(vault, ctx.principal, request, scope)
  if (!vault.rbac) {
    if (!policyAllows(vault.accessPolicies, ctx.principal, request)) throw policyRefusal(vault, ctx.principal, request)
    return
  }
  const verdict = await checkDataAction(ctx, DATA_ACTION_PREFIX + VAULT_RIGHTS[request].dataAction, scope)
  facts.isRbacAuthorized = verdict.allowed
  if (!verdict.allowed) throw rbacRefusal(vault, ctx.principal, request, scope)
  facts.appliedAssignmentId = verdict.assignmentId
}

async function networkOf(ctx: Ctx, vault: Vault) {
  const { privateEndpoint } = ctx.caller
  const linked = !!privateEndpoint && (await store.isApproved(ctx.db, vault.id, privateEndpoint))
  return networkVerdict(vault, ctx.caller, linked)
}

const keyScope = (vault: Vault, keyName?: string) => (keyName ? `${vault.id}/keys/${keyName}` : vault.id)

/** Foretells what `admit` would say, in words for a disabled button. Nothing is recorded. */
export async function foresee(ctx: Ctx, vault: Vault, request: KeyRequest, keyName?: string): Promise<Permission> {
  const deny = (reason: string): Permission => ({ allowed: false, reason, missingRoles: [] })
  const network = await networkOf(ctx, vault)
  if (network === 'ForbiddenByConnection') return deny(`Public network access to the vault ${vault.name} is disabled.`)
  if (network === 'ForbiddenByFirewall')
    return deny(`The firewall of the vault ${vault.name} does not let ${ctx.caller.address} in.`)
  if (ctx.principal.isService) return { allowed: true }
  if (vault.serviceOwned && !ctx.caller.trustedService) return deny('This vault belongs to the service.')
  const { dataAction, permission } = VAULT_RIGHTS[request]
  if (!vault.rbac) {
    if (policyAllows(vault.accessPolicies, ctx.principal, request)) return { allowed: true }
    return deny(`No access policy of the vault ${vault.name} gives you the key permission "${permission}".`)
  }
  return canData(ctx, DATA_ACTION_PREFIX + dataAction, keyScope(vault, keyName))
}
