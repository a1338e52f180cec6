import type { Permission } from '@/server/identity/contract'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { parseResourceId, sameId } from '@/server/kernel/resource-id'
import type { KeyRequest } from '@/server/keys/model'
import type { AuditFacts } from '@/server/keys/service/audit'
import { HSM_ACTIONS, type ManagedHsm } from './model'
import * as rules from './rules'
import * as store from './store'

/**
 * The live pool that a name or resource id means in the caller's tenant.
 * @throws AppError `VaultNotFound`.
 */
export async function loadHsm(ctx: Ctx, nameOrId: string): Promise<ManagedHsm> {
  const id = nameOrId.startsWith('/') ? parseResourceId(nameOrId) : null
  const name = id?.name ?? nameOrId
  const hsm = await store.findByName(ctx.db, name)
  const found = hsm && hsm.tenantId === ctx.tenantId && !hsm.deletedAt && (!id || sameId(hsm.id, nameOrId))
  if (found) return hsm
  throw new AppError('VaultNotFound', {
    publicMessage: `There is no managed HSM '${name}'. If it was deleted recently, it may still be recovered.`,
  })
}

/**
 * Lets a data-plane request through or refuses it: network, then local RBAC. Roles of Azure count for nothing here.
 * @throws AppError `ForbiddenByConnection`, `ForbiddenByFirewall`, `ForbiddenByRbac`.
 */
export async function admit(
  ctx: Ctx,
  hsm: ManagedHsm,
  action: string,
  scope: string,
  facts: AuditFacts,
): Promise<void> {
  const network = rules.networkVerdict(hsm, ctx.caller)
  facts.isAddressAuthorized = network === 'allowed'
  if (network !== 'allowed') throw rules.networkRefusal(network, hsm, ctx.caller)
  if (ctx.principal.isService) return
  const assignments = await store.findAssignments(ctx.db, hsm.id)
  const grant = rules.findAssignment(assignments, ctx.principal, action, scope)
  facts.isRbacAuthorized = grant !== undefined
  if (!grant) throw rules.localRefusal(ctx.principal, action, scope)
  facts.appliedAssignmentId = grant.id
}

/** Local scope of a key request. */
export const keyScope = (keyName?: string): string => (keyName ? `/keys/${keyName}` : '/keys')

const deny = (reason: string, missingRoles: string[] = []): Permission => ({ allowed: false, reason, missingRoles })

/** Foretells whether an action would be let through, in words for a disabled button. Nothing is recorded. */
export async function foreseeAction(ctx: Ctx, hsm: ManagedHsm, action: string, scope: string): Promise<Permission> {
  if (rules.networkVerdict(hsm, ctx.caller) !== 'allowed')
    return deny(`The network rules of the managed HSM ${hsm.name} do not let ${ctx.caller.address} in.`)
  if (ctx.principal.isService) return { allowed: true }
  const assignments = await store.findAssignments(ctx.db, hsm.id)
  if (rules.findAssignment(assignments, ctx.principal, action, scope)) return { allowed: true }
  const missing = rules.rolesAllowing(action)
  return deny(`You need the local role ${missing.join(' or ')} on the managed HSM ${hsm.name}.`, missing)
}

/** The same of a key request, which takes an active pool besides. */
export async function foresee(ctx: Ctx, hsm: ManagedHsm, request: KeyRequest, keyName?: string): Promise<Permission> {
  const permission = await foreseeAction(ctx, hsm, HSM_ACTIONS[request], keyScope(keyName))
  if (!hsm.activatedAt) return deny(`The managed HSM ${hsm.name} is not activated.`)
  return permission
}
