import 'server-only'
import type { Permission } from '@/server/identity/contract'
import { canEach, type DirectoryEntry, listDirectory, listSubscriptions } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { subscriptionScope } from '@/server/kernel/resource-id'
import type { HsmBackupView, HsmRoleAssignmentView, ManagedHsmView } from '@/server/managed-hsm/contract'
import { HSM_ADMIN_ACTIONS, HSM_ROLES, toManagedHsmView } from '@/server/managed-hsm/model'
import { canOnHsm, listDeletedManagedHsms, listHsmRoleAssignments, listManagedHsms } from '@/server/managed-hsm/service'
import { listPoolBackups } from '@/server/managed-hsm/service/pool-backup'
import type { ServerState } from '@/server/postgres/model'
import { serversUsingKey } from '@/server/postgres/service'
import { answered, type StoreRefusal } from './key-stores'
import { portalRuntime } from './runtime'

const HSM_WRITE = 'Microsoft.KeyVault/managedHSMs/write'

type Revival = Record<'recover' | 'purge', Permission>
export type HsmsView = { hsms: ManagedHsmView[]; deleted: (ManagedHsmView & { permissions: Revival })[] }

export async function readHsms(ctx: Ctx): Promise<HsmsView> {
  const { hsms, deleted } = await bothLists(ctx)
  const withPermissions = async (hsm: ManagedHsmView) => ({ ...hsm, permissions: await revivalOf(ctx, hsm) })
  return { hsms, deleted: await Promise.all(deleted.map(withPermissions)) }
}

async function bothLists(ctx: Ctx): Promise<{ hsms: ManagedHsmView[]; deleted: ManagedHsmView[] }> {
  const { httpsPort } = portalRuntime().config
  const [hsms, deleted] = await Promise.all([listManagedHsms(ctx), listDeletedManagedHsms(ctx)])
  return {
    hsms: hsms.map((h) => toManagedHsmView(h, httpsPort)),
    deleted: deleted.map((h) => toManagedHsmView(h, httpsPort)),
  }
}

/** What may become of a pool once it is deleted. */
async function revivalOf(ctx: Ctx, hsm: ManagedHsmView): Promise<Revival> {
  const scope = subscriptionScope(hsm.subscriptionId)
  const permissions = await canEach(ctx, {
    recover: { action: HSM_WRITE, scope: hsm.id },
    purge: { action: 'Microsoft.KeyVault/locations/deletedManagedHSMs/purge/action', scope },
  })
  return hsm.purgeProtection ? { ...permissions, purge: PURGE_PROTECTED } : permissions
}

export type LocalRoleOption = { id: string; name: string; description: string }

export type HsmPage = {
  hsm: ManagedHsmView
  subscriptionName: string
  administrators: { objectId: string; name: string | null }[]
  servers: { name: string; state: ServerState }[]
  /** The address from which the person's browser reaches the portal: the pool's firewall judges it. */
  clientAddress: string
  permissions: Record<'write' | 'delete' | 'recover' | 'purge' | 'activate', Permission>
}

/** One pool by name, live or soft-deleted. @throws AppError `VaultNotFound`. */
export async function readHsm(ctx: Ctx, name: string): Promise<HsmPage> {
  const { hsms, deleted } = await bothLists(ctx)
  const hsm = [...hsms, ...deleted].find((h) => h.name.toLowerCase() === name.toLowerCase())
  if (!hsm) {
    throw new AppError('VaultNotFound', { publicMessage: `There is no managed HSM '${name}' that you may see.` })
  }
  const [subscriptions, servers, directory, permissions, revival, activate] = await Promise.all([
    listSubscriptions(ctx),
    serversUsingKey(ctx, { storeName: hsm.name }),
    listDirectory(ctx),
    canEach(ctx, {
      write: { action: HSM_WRITE, scope: hsm.id },
      delete: { action: 'Microsoft.KeyVault/managedHSMs/delete', scope: hsm.id },
    }),
    revivalOf(ctx, hsm),
    hsm.deletedAt ? DELETED : canOnHsm(ctx, hsm.name, HSM_ADMIN_ACTIONS.downloadDomain),
  ])
  return {
    hsm,
    subscriptionName: subscriptions.find((s) => s.id === hsm.subscriptionId)?.name ?? hsm.subscriptionId,
    administrators: hsm.adminObjectIds.map((objectId) => ({
      objectId,
      name: directory.find((d) => d.objectId === objectId)?.displayName ?? null,
    })),
    servers: servers.map(({ name, state }) => ({ name, state })),
    clientAddress: ctx.caller.address,
    permissions: { ...permissions, ...revival, activate },
  }
}

const deny = (reason: string): Permission => ({ allowed: false, reason, missingRoles: [] })
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
  const [assign, remove] = await Promise.all([
    mayInActive(ctx, hsm, HSM_ADMIN_ACTIONS.writeRoles),
    mayInActive(ctx, hsm, HSM_ADMIN_ACTIONS.deleteRoles),
  ])
  return {
    assignments: data,
    refusal,
    roles: HSM_ROLES.map(({ id, name, description }) => ({ id, name, description })),
    directory: await listDirectory(ctx),
    permissions: { assign, remove },
  }
}

export type PoolBackupsView = {
  backups: HsmBackupView[] | null
  refusal: StoreRefusal | null
  permissions: Record<'backup' | 'restore', Permission>
}

/** The full backups of a pool, or its refusal. Each call is a request in the pool's audit log. */
export async function readPoolBackups(ctx: Ctx, name: string): Promise<PoolBackupsView> {
  const { hsm } = await readHsm(ctx, name)
  const { data, refusal } = await answered(listPoolBackups(ctx, hsm.name))
  const [backup, restore] = await Promise.all([
    mayInActive(ctx, hsm, HSM_ADMIN_ACTIONS.startBackup),
    mayInActive(ctx, hsm, HSM_ADMIN_ACTIONS.startRestore),
  ])
  return { backups: data, refusal, permissions: { backup, restore } }
}

/** Whether the person may give local roles in a pool, for buttons. */
export const mayAssignLocally = (ctx: Ctx, name: string): Promise<Permission> =>
  canOnHsm(ctx, name, HSM_ADMIN_ACTIONS.writeRoles)

/** Whether the person may do what takes an active pool. */
const mayInActive = async (ctx: Ctx, hsm: ManagedHsmView, action: string): Promise<Permission> =>
  hsm.activated
    ? canOnHsm(ctx, hsm.name, action)
    : deny('The HSM is not activated: only its activation is possible now.')
