import { ROLE_IDS } from '@/server/identity/model'
import {
  assignRole,
  createResourceGroup,
  createServicePrincipal,
  createSubscription,
  findPrincipal,
  getResourceGroup,
  listRoleAssignments,
} from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { stableId } from '@/server/kernel/ids'
import { RESOURCE_TYPES, resourceGroupId, resourceId, sameId } from '@/server/kernel/resource-id'
import { createKey, listKeys } from '@/server/keys/service'
import { createVault, findVaultByName } from '@/server/keyvault/service'

const PLATFORM_GROUP = 'portcullis-platform'
const KEY_NAME = 'service-managed-key'

/** Object id of the database service itself in a tenant: it opens service-managed keys with it. */
export const serviceObjectId = (tenantId: string): string => stableId(`database service of ${tenantId}`)

const vaultNameFor = (tenantId: string, location: string): string =>
  `smk-${stableId(`${tenantId}/${location}`).slice(0, 12)}`.replace(/-$/, 'x')

/**
 * The version-less identifier of the service's own key in a region; vault, key and role are made at first use. A
 * service-managed server takes the very path of a customer's: only the owner of the key differs.
 */
export async function ensureServiceKey(ctx: Ctx, location: string): Promise<string> {
  const service = { ...ctx, principal: SERVICE_PRINCIPAL }
  const name = vaultNameFor(ctx.tenantId, location)
  const subscriptionId = stableId(`platform subscription of ${ctx.tenantId}`)
  const id = resourceId({ subscriptionId, resourceGroup: PLATFORM_GROUP, type: RESOURCE_TYPES.vault, name })
  const objectId = serviceObjectId(ctx.tenantId)
  if (!(await findPrincipal(service, objectId))) {
    await createServicePrincipal(service, { id: objectId, displayName: SERVICE_PRINCIPAL.displayName })
  }
  if (!(await getResourceGroup(service, resourceGroupId(subscriptionId, PLATFORM_GROUP)))) {
    await createSubscription(service, { id: subscriptionId, name: 'Portcullis platform' })
    await createResourceGroup(service, { subscriptionId, name: PLATFORM_GROUP, location, tags: {} })
  }
  if (!(await findVaultByName(service, name))) {
    await createVault(service, {
      subscriptionId,
      resourceGroup: PLATFORM_GROUP,
      name,
      location,
      sku: 'premium',
      rbac: true,
      softDeleteDays: 90,
      purgeProtection: true,
      publicNetworkAccess: false,
      networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices', ipRules: [] },
      tags: {},
      serviceOwned: true,
    })
  }
  await assignRoleOnce(service, id, objectId)
  if ((await listKeys(service, id)).length === 0) {
    await createKey(service, id, { name: KEY_NAME, kty: 'RSA-HSM', keySize: 3072, hsm: true })
  }
  return `https://${name}.vault.localhost/keys/${KEY_NAME}`
}

async function assignRoleOnce(ctx: Ctx, scope: string, principalId: string): Promise<void> {
  const roleDefinitionId = ROLE_IDS.keyVaultCryptoServiceEncryptionUser
  const assignments = await listRoleAssignments(ctx, scope, { inherited: false })
  if (assignments.some((a) => a.principalId === principalId && sameId(a.roleDefinitionId, roleDefinitionId))) return
  await assignRole(ctx, { scope, roleDefinitionId, principalId, principalType: 'ServicePrincipal' })
}
