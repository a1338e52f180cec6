import 'server-only'
import type { Permission, RoleAssignmentView } from '@/server/identity/contract'
import {
  canEach,
  type DirectoryEntry,
  getResourceGroup,
  listDirectory,
  listRoleAssignments,
  listRoleDefinitions,
  listSubscriptions,
} from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { resourceGroupId, sameId, subscriptionScope } from '@/server/kernel/resource-id'

export type RoleOption = { id: string; name: string; description: string; custom: boolean; data: boolean }

/** From the subscription down to a scope itself, with names for people. */
export type ScopeTrail = { scope: string; label: string }[]

export type AccessView = {
  scope: string
  trail: ScopeTrail
  assignments: RoleAssignmentView[]
  roles: RoleOption[]
  directory: DirectoryEntry[]
  permissions: Record<'assign' | 'remove', Permission>
}

/** Who has which role at a scope, its own and inherited ones. @throws AppError `AuthorizationFailed`, `ResourceNotFound`. */
export async function readAccess(ctx: Ctx, scope: string): Promise<AccessView> {
  const [assignments, directory, permissions, trail] = await Promise.all([
    listRoleAssignments(ctx, scope, { inherited: true }),
    listDirectory(ctx),
    canEach(ctx, {
      assign: { action: 'Microsoft.Authorization/roleAssignments/write', scope },
      remove: { action: 'Microsoft.Authorization/roleAssignments/delete', scope },
    }),
    trailOf(ctx, scope),
  ])
  const roles = listRoleDefinitions().map(({ id, name, description, type, dataActions }) => ({
    id,
    name,
    description,
    custom: type === 'CustomRole',
    data: dataActions.length > 0,
  }))
  return { scope, trail, assignments, roles, directory, permissions }
}

const SCOPE =
  /^\/subscriptions\/([^/]+)(?:\/resourceGroups\/([^/]+)(?:\/providers\/[^/]+\/[^/]+\/([^/]+)(?:\/keys\/([^/]+))?)?)?$/i

/** @throws AppError `ResourceNotFound` for a subscription that the person may not see, or what is no scope. */
export async function trailOf(ctx: Ctx, scope: string): Promise<ScopeTrail> {
  if (scope === '/') return [{ scope, label: 'The whole tenant' }]
  const [, subscriptionId, group, resource, key] = SCOPE.exec(scope) ?? []
  if (!subscriptionId) throw noSuchScope(scope)
  const subscription = (await listSubscriptions(ctx)).find((s) => sameId(s.id, subscriptionId))
  if (!subscription) throw noSuchScope(scope)
  const trail = [{ scope: subscriptionScope(subscription.id), label: subscription.name }]
  if (!group) return trail
  const groupId = resourceGroupId(subscription.id, group)
  // Whoever reads one resource alone may not read its group: then the name in the address has to do.
  const found = await getResourceGroup(ctx, groupId).catch(() => null)
  trail.push({ scope: groupId, label: found?.name ?? group })
  if (resource) trail.push({ scope: key ? scope.replace(/\/keys\/[^/]+$/, '') : scope, label: resource })
  if (key) trail.push({ scope, label: key })
  return trail
}

const noSuchScope = (scope: string) =>
  new AppError('ResourceNotFound', { publicMessage: `There is no scope '${scope}' that you may see.` })
