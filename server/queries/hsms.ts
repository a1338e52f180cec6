import 'server-only'
import type { Permission } from '@/server/identity/contract'
import { canEach, type DirectoryEntry, listDirectory, listSubscriptions } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { subscriptionScope } from '@/server/kernel/resource-id'
import type { HsmRoleAssignmentView, ManagedHsmView } from '@/server/managed-hsm/contract'
import { findHsmRole, HSM_ADMIN_ACTIONS, HSM_ROLES, toManagedHsmView } from '@/server/managed-hsm/model'
import { listDeletedManagedHsms, listHsmRoleAssignments, listManagedHsms } from '@/server/managed-hsm/service'
import type { ServerState } from '@/server/postgres/model'
import { serversUsingKey } from '@/server/postgres/service'
import { answered, type StoreRefusal } from './key-stores'
import { portalRuntime } from './runtime'

export type HsmsView = { hsms: ManagedHsmView[]; deleted: ManagedHsmView[] }

export async function readHsms(ctx: Ctx): Promise<HsmsView> {
  const { httpsPort } = portalRuntime().config
  const [hsms, deleted] = await Promise.all([listManagedHsms(ctx), listDeletedManagedHsms(ctx)])
  return {
    hsms: hsms.map((h) => toManagedHsmView(h, httpsPort)),
    deleted: deleted.map((h) => toManagedHsmView(h, httpsPort)),
  }
}

export type LocalRoleOption = { id: string; name: string; description: string }

export type HsmPage = {
  hsm: ManagedHsmView
  subscriptionName: string
  administrators: { objectId: string; name: string | null }[]
  servers: { name: string; state: ServerState }[]
  permissions: Record<'write' | 'delete' | 'recover' | 'purge' | 'activate', Permission>
}

/** One pool by name, live or soft-deleted. @throws AppError `VaultNotFound`. */
export async function readHsm(ctx: Ctx, name: string): Promise<HsmPage> {
  const { hsms, deleted } = await readHsms(ctx)
  const hsm = [...hsms, ...deleted].find((h) => h.name.toLowerCase() === name.toLowerCase())
  if (!hsm) {
    throw new AppError('VaultNotFound', { publicMessage: `There is no managed HSM '${name}' that you may see.` })
  }
  const write = { action: 'Microsoft.KeyVault/managedHSMs/write', scope: hsm.id }
  const [subscriptions, servers, directory, permissions, activate] = await Promise.all([
    listSubscriptions(ctx),
    serversUsingKey(ctx, { storeName: hsm.name }),
    listDirectory(ctx),
    canEach(ctx, {
      write,
      recover: write,
      delete: { action: 'Microsoft.KeyVault/managedHSMs/delete', scope: hsm.id },
      purge: {
        action: 'Microsoft.KeyVault/locations/deletedManagedHSMs/purge/action',
        scope: subscriptionScope(hsm.subscriptionId),
      },
    }),
    hsm.deletedAt ? DELETED : mayDoLocally(ctx, hsm.name, HSM_ADMIN_ACTIONS.downloadDomain),
  ])
  return {
    hsm,
    subscriptionName: subscriptions.find((s) => s.id === hsm.subscriptionId)?.name ?? hsm.subscriptionId,
    administrators: hsm.adminObjectIds.map((objectId) => ({
      objectId,
      name: directory.find((d) => d.objectId === objectId)?.displayName ?? null,
    })),
    servers: servers.map(({ name, state }) => ({ name, state })),
    permissions: { ...permissions, purge: hsm.purgeProtection ? PURGE_PROTECTED : permissions.purge, activate },
  }
}

const deny = (reason: string, missingRoles: string[] = []): Permission => ({ allowed: false, reason, missingRoles })
const DELETED = deny('The HSM is deleted. Recover it first.')
const PURGE_PROTECTED = deny('Purge protection is on: nobody can purge this HSM before its retention ends.')

export type LocalRolesView = {
  assignments: HsmRoleAssignmentView[] | null
  refusal: StoreRefusal | null
  roles: LocalRoleOption[]
  directory: DirectoryEntry[]
  permissions: Record<'assign' | 'remove', Permission>
}

/** The local roles of a pool, or its refusal. Each call is a request in the pool's audit log. */
export async function readLocalRoles(ctx: Ctx, name: string): Promise<LocalRolesView> {
  const { hsm } = await readHsm(ctx, name)
  const { data, refusal } = await answered(listHsmRoleAssignments(ctx, hsm.name))
  const inactive = !hsm.activated && deny('The HSM is not activated: only its activation is possible now.')
  const may = (action: string) => inactive || permissionFrom(ctx, data, action)
  return {
    assignments: data,
    refusal,
    roles: HSM_ROLES.map(({ id, name, description }) => ({ id, name, description })),
    directory: await listDirectory(ctx),
    permissions: { assign: may(HSM_ADMIN_ACTIONS.writeRoles), remove: may(HSM_ADMIN_ACTIONS.deleteRoles) },
  }
}

/** Whether the person may give local roles in a pool, for buttons. */
export const mayAssignLocally = (ctx: Ctx, name: string): Promise<Permission> =>
  mayDoLocally(ctx, name, HSM_ADMIN_ACTIONS.writeRoles)

async function mayDoLocally(ctx: Ctx, name: string, action: string): Promise<Permission> {
  const { data } = await answered(listHsmRoleAssignments(ctx, name))
  return permissionFrom(ctx, data, action)
}

/** Local roles that matter here are given at `/`: only there do they cover the pool itself. */
function permissionFrom(ctx: Ctx, assignments: HsmRoleAssignmentView[] | null, action: string): Permission {
  const ids = [ctx.principal.objectId, ...ctx.principal.groupIds]
  const allowed = assignments?.some(
    (a) =>
      a.scope === '/' && ids.includes(a.principalId) && findHsmRole(a.roleDefinitionId)?.dataActions.includes(action),
  )
  if (allowed) return { allowed: true }
  const roles = HSM_ROLES.filter((role) => role.dataActions.includes(action)).map((role) => role.name)
  return deny(`You need the local role ${roles.join(' or ')} on this HSM.`, roles)
}
