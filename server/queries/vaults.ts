import 'server-only'
import type { Permission } from '@/server/identity/contract'
import { can, canEach, type DirectoryEntry, listDirectory, listSubscriptions } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { subscriptionScope } from '@/server/kernel/resource-id'
import type { PrivateEndpointView, VaultView } from '@/server/keyvault/contract'
import { toVaultView } from '@/server/keyvault/model'
import { listDeletedVaults, listPrivateEndpoints, listVaults } from '@/server/keyvault/service'
import type { ServerState } from '@/server/postgres/model'
import { serversUsingKey } from '@/server/postgres/service'
import { portalRuntime } from './runtime'

const VAULT_WRITE = 'Microsoft.KeyVault/vaults/write'

type Revival = Record<'recover' | 'purge', Permission>
export type VaultsView = { vaults: VaultView[]; deleted: (VaultView & { permissions: Revival })[] }

export async function readVaults(ctx: Ctx): Promise<VaultsView> {
  const { vaults, deleted } = await bothLists(ctx)
  const withPermissions = async (vault: VaultView) => ({ ...vault, permissions: await revivalOf(ctx, vault) })
  return { vaults, deleted: await Promise.all(deleted.map(withPermissions)) }
}

async function bothLists(ctx: Ctx): Promise<{ vaults: VaultView[]; deleted: VaultView[] }> {
  const { httpsPort } = portalRuntime().config
  const [vaults, deleted] = await Promise.all([listVaults(ctx), listDeletedVaults(ctx)])
  return {
    vaults: vaults.map((v) => toVaultView(v, httpsPort)),
    deleted: deleted.map((v) => toVaultView(v, httpsPort)),
  }
}

/** What may become of a vault once it is deleted. */
async function revivalOf(ctx: Ctx, vault: VaultView): Promise<Revival> {
  const [recover, purge] = await Promise.all([can(ctx, VAULT_WRITE, vault.id), mayPurge(ctx, vault)])
  return { recover, purge }
}

export type VaultPage = {
  vault: VaultView
  subscriptionName: string
  /** Servers whose data keys this vault's keys wrap. */
  servers: { name: string; state: ServerState }[]
  /** Who can be given an access policy. */
  directory: DirectoryEntry[]
  /** The address from which the person's browser reaches the portal: the vault's firewall judges it. */
  clientAddress: string
  /** Private endpoints that lead, or ask to lead, to it. */
  endpoints: PrivateEndpointView[]
  permissions: Record<VaultPermission, Permission>
}

type VaultPermission = 'write' | 'writePolicies' | 'delete' | 'recover' | 'purge' | 'approveEndpoint' | 'removeEndpoint'

/** One vault by name, live or soft-deleted. @throws AppError `VaultNotFound`. */
export async function readVault(ctx: Ctx, name: string): Promise<VaultPage> {
  const { vaults, deleted } = await bothLists(ctx)
  const vault = [...vaults, ...deleted].find((v) => v.name.toLowerCase() === name.toLowerCase())
  if (!vault) {
    throw new AppError('VaultNotFound', { publicMessage: `There is no key vault '${name}' that you may see.` })
  }
  const [subscriptions, servers, directory, endpoints, permissions, revival] = await Promise.all([
    listSubscriptions(ctx),
    serversUsingKey(ctx, { storeName: vault.name }),
    listDirectory(ctx),
    vault.deletedAt ? [] : listPrivateEndpoints(ctx, vault.id),
    canEach(ctx, {
      write: { action: VAULT_WRITE, scope: vault.id },
      writePolicies: { action: 'Microsoft.KeyVault/vaults/accessPolicies/write', scope: vault.id },
      delete: { action: 'Microsoft.KeyVault/vaults/delete', scope: vault.id },
      approveEndpoint: {
        action: 'Microsoft.KeyVault/vaults/PrivateEndpointConnectionsApproval/action',
        scope: vault.id,
      },
      removeEndpoint: { action: 'Microsoft.KeyVault/vaults/privateEndpointConnections/delete', scope: vault.id },
    }),
    revivalOf(ctx, vault),
  ])
  return {
    vault,
    subscriptionName: subscriptions.find((s) => s.id === vault.subscriptionId)?.name ?? vault.subscriptionId,
    servers: servers.map(({ name, state }) => ({ name, state })),
    directory,
    clientAddress: ctx.caller.address,
    endpoints,
    permissions: { ...permissions, ...revival },
  }
}

async function mayPurge(ctx: Ctx, vault: VaultView): Promise<Permission> {
  if (vault.purgeProtection) {
    const reason = 'Purge protection is on: nobody can purge this vault before its retention ends.'
    return { allowed: false, reason, missingRoles: [] }
  }
  const action = 'Microsoft.KeyVault/locations/deletedVaults/purge/action'
  return can(ctx, action, subscriptionScope(vault.subscriptionId))
}
