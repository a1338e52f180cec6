import type { Ctx } from '@/server/kernel/context'
import type { Permission } from '../contract'
import { type ActionKind, findRole, type Grant, type ResourceLock, TENANT_SCOPE } from '../model'
import {
  authorizationFailed,
  describeScope,
  findBlockingLock,
  findGrant,
  isInForce,
  mayManageRole,
  rolesAllowing,
  scopeLocked,
  scopesAllowing,
  toPermission,
} from '../rules'
import { findAssignmentsOf } from '../store/assignments'
import { findLocks } from '../store/locks'

export type DataActionVerdict = { allowed: true; assignmentId: string } | { allowed: false; missingRoles: string[] }

const SERVICE_ASSIGNMENT = '00000000-0000-0000-0000-000000000000'

async function loadGrants(ctx: Ctx): Promise<Grant[]> {
  const holders = [ctx.principal.objectId, ...ctx.principal.groupIds]
  const assignments = await findAssignmentsOf(ctx.db, ctx.tenantId, holders)
  return assignments
    .filter((a) => isInForce(a, ctx.now))
    .flatMap((a) => {
      const role = findRole(a.roleDefinitionId)
      return role ? [{ assignmentId: a.id, scope: a.scope, role }] : []
    })
}

async function findGrantFor(ctx: Ctx, kind: ActionKind, action: string, scope: string): Promise<Grant | undefined> {
  return findGrant(await loadGrants(ctx), kind, action, scope)
}

/** Whether the caller may perform a control-plane action, and if not which roles would do; for buttons and pages. */
export async function can(ctx: Ctx, action: string, scope: string): Promise<Permission> {
  const allowed = ctx.principal.isService || !!(await findGrantFor(ctx, 'actions', action, scope))
  const lock = allowed && (await blockingLock(ctx, action, scope))
  if (lock) return { allowed: false, reason: lockReason(lock), missingRoles: [] }
  return toPermission(allowed, allowed ? [] : rolesAllowing('actions', action), scope)
}

type Questions<Name extends string> = Record<Name, { action: string; scope: string }>

/** What answers `can` from what was read once: for lists of many things. */
export async function permissionJudge(
  ctx: Ctx,
): Promise<<Name extends string>(questions: Questions<Name>) => Record<Name, Permission>> {
  const grants = ctx.principal.isService ? null : await loadGrants(ctx)
  const locks = grants === null ? [] : await findLocks(ctx.db, ctx.tenantId)
  const judge = ({ action, scope }: { action: string; scope: string }): Permission => {
    const allowed = grants === null || !!findGrant(grants, 'actions', action, scope)
    const lock = allowed && findBlockingLock(locks, action, scope)
    if (lock) return { allowed: false, reason: lockReason(lock), missingRoles: [] }
    return toPermission(allowed, allowed ? [] : rolesAllowing('actions', action), scope)
  }
  return <Name extends string>(questions: Questions<Name>) =>
    Object.fromEntries(
      Object.entries<{ action: string; scope: string }>(questions).map(([name, question]) => [name, judge(question)]),
    ) as Record<Name, Permission>
}

/** Answers `can` for several questions at the price of one. */
export const canEach = async <Name extends string>(
  ctx: Ctx,
  questions: Questions<Name>,
): Promise<Record<Name, Permission>> => (await permissionJudge(ctx))(questions)

/** @throws AppError `AuthorizationFailed` in Azure's words, with the roles that would allow the action. */
export async function authorize(ctx: Ctx, action: string, scope: string): Promise<void> {
  if (ctx.principal.isService) return
  if (!(await findGrantFor(ctx, 'actions', action, scope))) throw authorizationFailed(ctx.principal, action, scope)
  await assertUnlocked(ctx, action, scope)
}

/** The lock that forbids the action, whatever the role; the service's own work is not held up by any. */
async function blockingLock(ctx: Ctx, action: string, scope: string): Promise<ResourceLock | undefined> {
  if (ctx.principal.isService || /\/read$/i.test(action)) return undefined
  return findBlockingLock(await findLocks(ctx.db, ctx.tenantId), action, scope)
}

/** @throws AppError `ScopeLocked` in Azure's words. */
async function assertUnlocked(ctx: Ctx, action: string, scope: string): Promise<void> {
  const lock = await blockingLock(ctx, action, scope)
  if (lock) throw scopeLocked(lock, action, scope)
}

const lockReason = ({ name, level, scope }: ResourceLock) =>
  `The lock ${name} (${level}) on ${describeScope(scope)} forbids this.`

/** Whether the caller may perform a data-plane action, by which assignment, or with which roles it could. */
export async function checkDataAction(ctx: Ctx, dataAction: string, scope: string): Promise<DataActionVerdict> {
  if (ctx.principal.isService) return { allowed: true, assignmentId: SERVICE_ASSIGNMENT }
  const grant = await findGrantFor(ctx, 'dataActions', dataAction, scope)
  if (grant) return { allowed: true, assignmentId: grant.assignmentId }
  return { allowed: false, missingRoles: rolesAllowing('dataActions', dataAction).map((r) => r.name) }
}

/** `checkDataAction` as an answer for a button. */
export async function canData(ctx: Ctx, dataAction: string, scope: string): Promise<Permission> {
  const { allowed } = await checkDataAction(ctx, dataAction, scope)
  return toPermission(allowed, allowed ? [] : rolesAllowing('dataActions', dataAction), scope)
}

/**
 * Whether the caller may give (`write`) or take (`delete`) this role at this scope. Some roles may do so only with
 * certain roles. @throws AppError `AuthorizationFailed`
 */
export async function authorizeRoleChange(
  ctx: Ctx,
  verb: 'write' | 'delete',
  role: { id: string; name: string },
  scope: string,
): Promise<void> {
  if (ctx.principal.isService) return
  const action = `Microsoft.Authorization/roleAssignments/${verb}`
  const grants = await loadGrants(ctx)
  if (mayManageRole(grants, action, role.id, scope)) return assertUnlocked(ctx, action, scope)
  const limited = findGrant(grants, 'actions', action, scope)
  throw authorizationFailed(
    ctx.principal,
    action,
    scope,
    limited && `The role ${limited.role.name} cannot manage assignments of ${role.name}.`,
  )
}

/** The scopes at which the caller may perform an action; `/` for the service itself. */
export async function readableScopes(ctx: Ctx, action: string): Promise<string[]> {
  return ctx.principal.isService ? [TENANT_SCOPE] : scopesAllowing(await loadGrants(ctx), 'actions', action)
}

/** The type in a resource id, as read actions name it. */
const READ_ACTION = /\/providers\/([^/]+\/[^/]+)\/[^/]+$/i

const readAction = (resourceId: string): string => {
  const type = READ_ACTION.exec(resourceId)?.[1]
  if (type) return `${type}/read`
  return /\/resourceGroups\//i.test(resourceId)
    ? 'Microsoft.Resources/subscriptions/resourceGroups/read'
    : 'Microsoft.Resources/subscriptions/read'
}

/** Loads the caller's rights once, and gives the test that lists filter their resource ids by. */
export async function readableFilter(ctx: Ctx): Promise<(resourceId: string) => boolean> {
  if (ctx.principal.isService) return () => true
  const grants = await loadGrants(ctx)
  return (id) => !!findGrant(grants, 'actions', readAction(id), id)
}

export async function isReadable(ctx: Ctx, resourceId: string): Promise<boolean> {
  return (await readableFilter(ctx))(resourceId)
}

/** The scopes of all the caller's assignments in force: a subscription is listed to whoever has any right in it. */
export async function scopesOfAnyRight(ctx: Ctx): Promise<string[]> {
  return ctx.principal.isService ? [TENANT_SCOPE] : (await loadGrants(ctx)).map((g) => g.scope)
}
