import 'server-only'
import type { IdentityView, Permission } from '@/server/identity/contract'
import { can, listDeletedManagedIdentities, listManagedIdentities } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { parseResourceId, sameId } from '@/server/kernel/resource-id'
import { canOnVaultKeys, findVaultByName } from '@/server/keyvault/service'
import { canOnHsmKeys, findHsmByName } from '@/server/managed-hsm/service'
import type {
  BackupsView,
  ConnectionView,
  ParameterView,
  ServerDetailView,
  ServerView,
} from '@/server/postgres/contract'
import {
  getConnection,
  getServer,
  listBackups,
  listParameters,
  listServers,
  openByEngine,
} from '@/server/postgres/service'
import type { OperationView } from '@/server/workflow/contract'
import { getOperation } from '@/server/workflow/service'
import { mayAssignLocally } from './hsms'
import {
  type BrokenLink,
  brokenLink,
  type ChainLinkView,
  keyChain,
  type RepairKind,
  type RepairTarget,
} from './key-case'
import { portalRuntime } from './runtime'

export const readServers = (ctx: Ctx): Promise<ServerView[]> => listServers(ctx)

/** @throws AppError `ResourceNotFound`, `AuthorizationFailed`. */
export const readConnection = (ctx: Ctx, name: string): Promise<ConnectionView> =>
  getConnection(ctx, portalRuntime().config.dataDir, name)

/** @throws AppError `ResourceNotFound`, `AuthorizationFailed`. */
export const readBackups = (ctx: Ctx, name: string): Promise<BackupsView> => listBackups(ctx, name)

/** @throws AppError `ResourceNotFound`, `AuthorizationFailed`, `ServerIsNotReady`, `DataPlaneUnavailable`. */
export async function readParameters(ctx: Ctx, name: string): Promise<ParameterView[]> {
  const { id } = await getServer(ctx, name)
  return listParameters(ctx, openByEngine(portalRuntime().config.dataDir), id)
}

/** An identity attached to a server. `identity` is null when it was deleted or the person may not read it. */
export type AttachedIdentity = { id: string; name: string; identity: IdentityView | null }

export type ServerPage = {
  server: ServerDetailView
  /** Operation that works on the server now. */
  operation: OperationView | null
  chain: ChainLinkView[]
  broken: (BrokenLink & { repair: Repair | null }) | null
  attached: AttachedIdentity[]
  /** Identities that the person could attach. */
  identities: IdentityView[]
}

/** What one click does about the broken link, and whether the person may. */
export type Repair = { kind: RepairKind; permission: Permission }

/** @throws AppError `ResourceNotFound`, `AuthorizationFailed`. */
export async function readServer(ctx: Ctx, name: string): Promise<ServerPage> {
  const server = await getServer(ctx, name)
  const broken = brokenLink(server.encryption)
  const [operation, identities, repair] = await Promise.all([
    server.busyOperationId ? getOperation(ctx, server.busyOperationId) : null,
    listManagedIdentities(ctx),
    broken && repairOf(ctx, broken),
  ])
  return {
    server,
    operation,
    chain: keyChain(server.encryption),
    broken: broken && { ...broken, repair },
    attached: server.attachedIdentityIds.map((id) => ({
      id,
      name: parseResourceId(id)?.name ?? id,
      identity: identities.find((i) => sameId(i.id, id)) ?? null,
    })),
    identities,
  }
}

async function repairOf(ctx: Ctx, { kind, target }: BrokenLink): Promise<Repair | null> {
  if (!kind) return null
  const permission = await permissionFor(ctx, kind, target)
  return permission && { kind, permission }
}

/** Null when what would be mended is out of the person's sight, or is no longer there to be mended. */
async function permissionFor(ctx: Ctx, kind: RepairKind, target: RepairTarget): Promise<Permission | null> {
  if (kind === 'restoreIdentity') return mayRestore(ctx, target)
  return target.storeType === 'vault' ? vaultPermission(ctx, kind, target) : hsmPermission(ctx, kind, target)
}

async function mayRestore(ctx: Ctx, { principalId }: RepairTarget): Promise<Permission | null> {
  const deleted = (await listDeletedManagedIdentities(ctx)).find((d) => d.principalId === principalId)
  return deleted ? can(ctx, 'Microsoft.ManagedIdentity/userAssignedIdentities/write', deleted.resourceId) : null
}

async function vaultPermission(ctx: Ctx, kind: RepairKind, target: RepairTarget): Promise<Permission | null> {
  const vault = await findVaultByName(ctx, target.storeName)
  if (!vault || (vault.deletedAt !== null) !== (kind === 'recoverVault')) return null
  switch (kind) {
    case 'assignRole':
      return can(ctx, 'Microsoft.Authorization/roleAssignments/write', vault.id)
    case 'grantPolicy':
      return can(ctx, 'Microsoft.KeyVault/vaults/accessPolicies/write', vault.id)
    case 'recoverKey':
      return canOnVaultKeys(ctx, vault.id, 'recover', target.keyName)
    case 'enableKey':
      return canOnVaultKeys(ctx, vault.id, 'update', target.keyName)
    default:
      return can(ctx, 'Microsoft.KeyVault/vaults/write', vault.id)
  }
}

async function hsmPermission(ctx: Ctx, kind: RepairKind, target: RepairTarget): Promise<Permission | null> {
  const hsm = await findHsmByName(ctx, target.storeName)
  if (!hsm) return null
  if (kind === 'assignRole') return mayAssignLocally(ctx, hsm.name)
  if (kind === 'recoverKey') return canOnHsmKeys(ctx, hsm.id, 'recover', target.keyName)
  if (kind === 'enableKey') return canOnHsmKeys(ctx, hsm.id, 'update', target.keyName)
  return null
}
