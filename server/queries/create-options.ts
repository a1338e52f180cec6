import 'server-only'
import type { IdentityView, Permission, ResourceGroupView, SubscriptionView } from '@/server/identity/contract'
import {
  canEach,
  type DirectoryEntry,
  listDirectory,
  listManagedIdentities,
  listResourceGroups,
  listSubscriptions,
} from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { resourceGroupId, subscriptionScope } from '@/server/kernel/resource-id'
import { type InstallationView, serverName } from '@/server/postgres/contract'
import { checkServerName, getInstallation } from '@/server/postgres/service'

const GROUP_WRITE = 'Microsoft.Resources/subscriptions/resourceGroups/write'
const SERVER_WRITE = 'Microsoft.DBforPostgreSQL/flexibleServers/write'
const IDENTITY_WRITE = 'Microsoft.ManagedIdentity/userAssignedIdentities/write'
const VAULT_WRITE = 'Microsoft.KeyVault/vaults/write'
const HSM_WRITE = 'Microsoft.KeyVault/managedHSMs/write'
const ENDPOINT_WRITE = 'Microsoft.Network/privateEndpoints/write'

export type SubscriptionOption = SubscriptionView & { createResourceGroup: Permission }
export type ResourceGroupOption = ResourceGroupView & {
  createServer: Permission
  createIdentity: Permission
  createVault: Permission
  createHsm: Permission
  createEndpoint: Permission
}

/** What the wizard chooses from, as the signed-in person may see and do it. */
export type CreateOptions = {
  subscriptions: SubscriptionOption[]
  resourceGroups: ResourceGroupOption[]
  identities: IdentityView[]
  /** Users, groups and service principals: who can become Entra administrator. */
  directory: DirectoryEntry[]
  /** The address from which this browser reaches the portal. */
  clientAddress: string
  /** Which versions the databases of this installation can run; null until it is read. */
  installation: InstallationView | null
}

export async function readCreateOptions(ctx: Ctx): Promise<CreateOptions> {
  const [subscriptions, groups, identities, directory, installation] = await Promise.all([
    listSubscriptions(ctx),
    listResourceGroups(ctx),
    listManagedIdentities(ctx),
    listDirectory(ctx, ['User', 'Group', 'ServicePrincipal']),
    getInstallation(ctx),
  ])
  return {
    subscriptions: await Promise.all(subscriptions.map((s) => subscriptionOption(ctx, s))),
    resourceGroups: await Promise.all(groups.map((g) => groupOption(ctx, g))),
    identities,
    directory,
    clientAddress: ctx.caller.address,
    installation,
  }
}

async function subscriptionOption(ctx: Ctx, { id, name }: SubscriptionView): Promise<SubscriptionOption> {
  const scope = subscriptionScope(id)
  return { id, name, ...(await canEach(ctx, { createResourceGroup: { action: GROUP_WRITE, scope } })) }
}

async function groupOption(ctx: Ctx, group: ResourceGroupView): Promise<ResourceGroupOption> {
  const id = resourceGroupId(group.subscriptionId, group.name)
  const permissions = await canEach(ctx, {
    createServer: { action: SERVER_WRITE, scope: id },
    createIdentity: { action: IDENTITY_WRITE, scope: id },
    createVault: { action: VAULT_WRITE, scope: id },
    createHsm: { action: HSM_WRITE, scope: id },
    createEndpoint: { action: ENDPOINT_WRITE, scope: id },
  })
  return { ...group, ...permissions }
}

export type NameCheck = { available: boolean; reason: string | null; suggestions: string[] }

/** Whether a server could have this name now. A name that breaks the rules is answered without asking the service. */
export async function readNameCheck(ctx: Ctx, name: string): Promise<NameCheck> {
  const parsed = serverName.safeParse(name)
  if (!parsed.success) return { available: false, reason: parsed.error.issues[0]!.message, suggestions: [] }
  return checkServerName(ctx, name)
}
