import 'server-only'
import type { IdentityView, Permission, RoleAssignmentView } from '@/server/identity/contract'
import {
  can,
  type DeletedIdentityView,
  listDeletedManagedIdentities,
  listManagedIdentities,
  listRoleAssignments,
  listSubscriptions,
} from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError, isAppError } from '@/server/kernel/errors'
import { subscriptionScope } from '@/server/kernel/resource-id'
import type { ServerState } from '@/server/postgres/model'
import { serversUsingKey } from '@/server/postgres/service'

const WRITE = 'Microsoft.ManagedIdentity/userAssignedIdentities/write'
const DELETE = 'Microsoft.ManagedIdentity/userAssignedIdentities/delete'

export type IdentitiesView = { identities: IdentityView[]; deleted: DeletedIdentityView[] }

export async function readIdentities(ctx: Ctx): Promise<IdentitiesView> {
  const [identities, deleted] = await Promise.all([listManagedIdentities(ctx), listDeletedManagedIdentities(ctx)])
  return { identities, deleted }
}

export type IdentityPage = {
  name: string
  resourceId: string
  principalId: string
  /** Null once it was deleted. */
  identity: IdentityView | null
  deletedAt: string | null
  /** Another identity that has the same resource id now: same name, other object id. */
  successor: IdentityView | null
  /** Null when the person may not read assignments anywhere. */
  assignments: RoleAssignmentView[] | null
  servers: { name: string; state: ServerState; keyRole: 'primary' | 'geo' }[]
  permissions: Record<'delete' | 'restore', Permission>
}

/** One identity by its object id, live or deleted. @throws AppError `IdentityNotFound`. */
export async function readIdentity(ctx: Ctx, principalId: string): Promise<IdentityPage> {
  const { identities, deleted } = await readIdentities(ctx)
  const identity = identities.find((i) => i.principalId === principalId) ?? null
  const gone = deleted.find((d) => d.principalId === principalId) ?? null
  const resourceId = identity?.id ?? gone?.resourceId
  if (!resourceId) {
    throw new AppError('IdentityNotFound', {
      publicMessage: `There is no managed identity with the object id ${principalId} that you may see. One that was deleted more than 30 days ago is gone for good.`,
    })
  }
  const [assignments, servers, mayDelete, mayRestore] = await Promise.all([
    assignmentsOf(ctx, principalId),
    serversUsingKey(ctx, { identityId: resourceId }),
    can(ctx, DELETE, resourceId),
    can(ctx, WRITE, resourceId),
  ])
  return {
    name: identity?.name ?? gone!.name,
    resourceId,
    principalId,
    identity,
    deletedAt: gone?.deletedAt ?? null,
    successor: identity ? null : (identities.find((i) => i.id === resourceId) ?? null),
    assignments,
    servers: servers.flatMap(({ name, state, encryption }) =>
      (['primary', 'geo'] as const)
        .filter((keyRole) => encryption[keyRole]?.principalId === principalId)
        .map((keyRole) => ({ name, state, keyRole })),
    ),
    permissions: { delete: mayDelete, restore: mayRestore },
  }
}

/** What the identity may do, in every subscription whose assignments the person may read. */
async function assignmentsOf(ctx: Ctx, principalId: string): Promise<RoleAssignmentView[] | null> {
  const lists = await Promise.all(
    (await listSubscriptions(ctx)).map(({ id }) =>
      listRoleAssignments(ctx, subscriptionScope(id), { inherited: true, below: true }).catch((error) => {
        if (isAppError(error) && error.code === 'AuthorizationFailed') return null
        throw error
      }),
    ),
  )
  const readable = lists.filter((list) => list !== null)
  if (readable.length === 0) return null
  const own = readable.flat().filter((a) => a.principalId === principalId)
  return [...new Map(own.map((a) => [a.id, a])).values()]
}
