import { recordWrite } from '@/server/activity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { sameId } from '@/server/kernel/resource-id'
import type { RoleAssignmentView } from '../contract'
import { BUILT_IN_ROLES, findRole, type PrincipalType, type RoleDefinition } from '../model'
import { describeScope, isGuid } from '../rules'
import * as store from '../store/assignments'
import { type DirectoryObject, findObject, findObjects } from '../store/principals'
import { authorize, authorizeRoleChange } from './authorization'
import { keyAccessMayChange } from './key-access-changes'
import { requireResourceGroup, requireSubscription } from './resource-groups'
import { readTenantSettings } from './tenants'

const TYPE = 'Microsoft.Authorization/roleAssignments'
const assignmentId = (scope: string, id: string): string => `${scope.replace(/\/+$/, '')}/providers/${TYPE}/${id}`

export const listRoleDefinitions = (): RoleDefinition[] => [...BUILT_IN_ROLES]

/**
 * Gives a role. It takes effect after the tenant's propagation time (virtual; 0 by default).
 * @param input.id names the assignment; the same id with the same content answers as before.
 * @throws AppError `AuthorizationFailed` | `BadParameter` (InvalidRoleAssignmentId, RoleDefinitionDoesNotExist, PrincipalNotFound,
 * UnmatchedPrincipalType, RoleAssignmentUpdateNotPermitted) | `Conflict` (RoleAssignmentExists)
 */
export async function assignRole(
  ctx: Ctx,
  input: { scope: string; roleDefinitionId: string; principalId: string; principalType?: PrincipalType; id?: string },
): Promise<RoleAssignmentView> {
  const id = input.id ?? newId()
  const role = findRole(input.roleDefinitionId)
  const { scope, principalId } = input
  const event = {
    operationName: `${TYPE}/write`,
    resourceId: assignmentId(scope, id),
    description: `Give the role ${role?.name ?? input.roleDefinitionId} on ${describeScope(scope)}`,
    properties: { principalId, roleDefinitionId: input.roleDefinitionId, scope },
  }
  return recordWrite(ctx, event, async (tx) => {
    if (!isGuid(id)) throw invalidId(id)
    if (!role) throw noSuchRole(input.roleDefinitionId)
    await authorizeRoleChange(tx, 'write', role, scope)
    await requireScope(tx, scope)
    const principal = await requirePrincipal(tx, principalId, input.principalType)
    await store.lockAssignments(tx.db, tx.tenantId)
    const row = await insertOrFind(tx, { id, scope, role, principal })
    await keyAccessMayChange(tx, { principalId }, row.effectiveAt)
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'identity' })
    return toView(row, principal, scope)
  })
}

async function insertOrFind(
  tx: Ctx,
  wanted: { id: string; scope: string; role: RoleDefinition; principal: DirectoryObject },
): Promise<store.Assignment> {
  const { id, scope, role, principal } = wanted
  await store.deleteCeased(tx.db, tx.tenantId, tx.now)
  const ids = { tenantId: tx.tenantId, principalId: principal.objectId, roleDefinitionId: role.id, scope }
  const same = await store.findSameAssignment(tx.db, ids)
  if (same?.id === id) return same
  if (same)
    throw new AppError('Conflict', {
      vendorCode: 'RoleAssignmentExists',
      publicMessage: 'The role assignment already exists.',
    })
  if (await store.findAssignment(tx.db, tx.tenantId, id)) throw notUpdatable()
  const { rolePropagationSeconds } = await readTenantSettings(tx)
  const row: store.Assignment = {
    ...ids,
    id,
    principalType: principalTypeOf(principal),
    createdAt: tx.now,
    createdBy: tx.principal.objectId,
    effectiveAt: new Date(tx.now.getTime() + rolePropagationSeconds * 1000),
    removedAt: null,
    ceasesAt: null,
  }
  await store.insertAssignment(tx.db, row)
  return row
}

/**
 * Takes a role away. It works on until the tenant's propagation time is over (virtual; 0 by default).
 * @throws AppError `ResourceNotFound` | `AuthorizationFailed`
 */
export async function removeRoleAssignment(ctx: Ctx, id: string): Promise<RoleAssignmentView> {
  const row = isGuid(id) ? await store.findAssignment(ctx.db, ctx.tenantId, id) : null
  if (!row || row.removedAt) throw notFound(id)
  const role = findRole(row.roleDefinitionId) ?? { id: row.roleDefinitionId, name: row.roleDefinitionId }
  const event = {
    operationName: `${TYPE}/delete`,
    resourceId: assignmentId(row.scope, id),
    description: `Take the role ${role.name} on ${describeScope(row.scope)} away`,
    properties: { principalId: row.principalId, roleDefinitionId: row.roleDefinitionId, scope: row.scope },
  }
  return recordWrite(ctx, event, async (tx) => {
    await authorizeRoleChange(tx, 'delete', role, row.scope)
    await store.lockAssignments(tx.db, tx.tenantId)
    const { rolePropagationSeconds } = await readTenantSettings(tx)
    const ceasesAt = new Date(tx.now.getTime() + rolePropagationSeconds * 1000)
    await store.markRemoved(tx.db, id, tx.now, ceasesAt)
    await store.deleteCeased(tx.db, tx.tenantId, tx.now)
    await keyAccessMayChange(tx, { principalId: row.principalId }, ceasesAt)
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'identity' })
    return toView({ ...row, ceasesAt }, await findObject(tx.db, tx.tenantId, row.principalId), row.scope)
  })
}

/** @throws AppError `AuthorizationFailed`; null when there is none. */
export async function getRoleAssignment(ctx: Ctx, id: string): Promise<RoleAssignmentView | null> {
  const row = isGuid(id) ? await store.findAssignment(ctx.db, ctx.tenantId, id) : null
  if (!row || hasCeased(row, ctx.now)) return null
  await authorize(ctx, `${TYPE}/read`, row.scope)
  return toView(row, await findObject(ctx.db, ctx.tenantId, row.principalId), row.scope)
}

/**
 * The assignments at a scope, with those above it when `inherited` and those below it when `below`. Assignments of
 * deleted principals are among them, without a name.
 * @throws AppError `AuthorizationFailed`
 */
export async function listRoleAssignments(
  ctx: Ctx,
  scope: string,
  options: { inherited: boolean; below?: boolean },
): Promise<RoleAssignmentView[]> {
  await authorize(ctx, `${TYPE}/read`, scope)
  const rows = await store.findAssignmentsAt(ctx.db, ctx.tenantId, scope, options.inherited)
  if (options.below) rows.push(...(await store.findAssignmentsBelow(ctx.db, ctx.tenantId, scope)))
  const current = rows.filter((row) => !hasCeased(row, ctx.now))
  const objects = await findObjects(
    ctx.db,
    ctx.tenantId,
    current.map((row) => row.principalId),
  )
  const byId = new Map(objects.map((o) => [o.objectId, o]))
  return current.map((row) => toView(row, byId.get(row.principalId) ?? null, scope))
}

/** Drops all assignments at a resource and below it, as Azure does when the resource goes. For the services. */
export async function dropAssignmentsUnder(ctx: Ctx, scope: string): Promise<number> {
  const dropped = await store.deleteAssignmentsUnder(ctx.db, ctx.tenantId, scope)
  if (dropped > 0) await announce(ctx.db, { tenantId: ctx.tenantId, topic: 'identity' })
  return dropped
}

const hasCeased = (row: store.Assignment, now: Date): boolean => row.ceasesAt !== null && row.ceasesAt <= now

function toView(row: store.Assignment, principal: DirectoryObject | null, askedScope: string): RoleAssignmentView {
  return {
    id: row.id,
    scope: row.scope,
    inherited: !sameId(row.scope.replace(/\/+$/, ''), askedScope.replace(/\/+$/, '')),
    roleDefinitionId: row.roleDefinitionId,
    roleName: findRole(row.roleDefinitionId)?.name ?? row.roleDefinitionId,
    principalId: row.principalId,
    principalType: row.principalType,
    principalName: principal && !principal.deletedAt ? principal.displayName : null,
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    effectiveAt: row.effectiveAt.toISOString(),
    ceasesAt: row.ceasesAt?.toISOString() ?? null,
  }
}

const principalTypeOf = ({ kind }: DirectoryObject): PrincipalType =>
  kind === 'ManagedIdentity' ? 'ServicePrincipal' : kind

async function requireScope(tx: Ctx, scope: string): Promise<void> {
  if (!scope.startsWith('/')) {
    throw new AppError('BadParameter', { field: 'scope', publicMessage: `'${scope}' is no scope: it begins with '/'.` })
  }
  const [, subscriptionId, group] = /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+))?/i.exec(scope) ?? []
  if (group) await requireResourceGroup(tx, subscriptionId!, group)
  else if (subscriptionId) await requireSubscription(tx, subscriptionId)
}

async function requirePrincipal(tx: Ctx, objectId: string, expected?: PrincipalType): Promise<DirectoryObject> {
  const principal = isGuid(objectId) ? await findObject(tx.db, tx.tenantId, objectId) : null
  if (!principal || principal.deletedAt) {
    throw new AppError('BadParameter', {
      vendorCode: 'PrincipalNotFound',
      field: 'principalId',
      publicMessage: `Principal ${objectId} does not exist in the directory ${tx.tenantId}. Check that you have the correct principal ID.`,
    })
  }
  const actual = principalTypeOf(principal)
  if (expected && expected !== actual) {
    throw new AppError('BadParameter', {
      vendorCode: 'UnmatchedPrincipalType',
      field: 'principalType',
      publicMessage: `The PrincipalId '${objectId}' has type '${actual}', which is different from specified PrincipalType '${expected}'.`,
    })
  }
  return principal
}

const invalidId = (id: string): AppError =>
  new AppError('BadParameter', {
    vendorCode: 'InvalidRoleAssignmentId',
    publicMessage: `The role assignment ID '${id}' is not valid. The role assignment ID must be a GUID.`,
  })

const noSuchRole = (id: string): AppError =>
  new AppError('BadParameter', {
    vendorCode: 'RoleDefinitionDoesNotExist',
    field: 'roleDefinitionId',
    publicMessage: `The specified role definition with ID '${id}' does not exist.`,
  })

const notUpdatable = (): AppError =>
  new AppError('BadParameter', {
    vendorCode: 'RoleAssignmentUpdateNotPermitted',
    publicMessage: 'Tenant ID, application ID, principal ID, and scope are not allowed to be updated.',
  })

const notFound = (id: string): AppError =>
  new AppError('ResourceNotFound', {
    vendorCode: 'RoleAssignmentNotFound',
    publicMessage: `The role assignment '${id}' is not found.`,
  })
