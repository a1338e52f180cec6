import { z } from 'zod'
import { requireResourceGroup, requireSubscription } from '@/server/identity/service'
import { AppError, isAppError } from '@/server/kernel/errors'
import { RESOURCE_TYPES, resourceId, sameId } from '@/server/kernel/resource-id'
import type { NetworkAcls, UpdateVaultInput } from '@/server/keyvault/contract'
import { toVaultView, type VaultRecord } from '@/server/keyvault/model'
import {
  createVault,
  deleteVault,
  findVaultByName,
  getVault,
  getVaultByRequest,
  listDeletedVaults,
  listPrivateEndpoints,
  listVaults,
  purgeVault,
  recoverVault,
  setAccessPolicy,
  updateVault,
} from '@/server/keyvault/service'
import { ArmError } from '../errors'
import { locationBody, type Params, readBody, tagsBody } from '../request'
import { type ArmCall, type ArmReply, list, route } from '../route'
import { connectionShape } from './private-endpoints'

/** From this version on a new vault uses Azure RBAC unless the request says otherwise. */
const RBAC_BY_DEFAULT_SINCE = '2026-02-01'
const DEFAULT_SOFT_DELETE_DAYS = 90

const policyBody = z.object({
  tenantId: z.string().optional(),
  objectId: z.string(),
  permissions: z.object({ keys: z.array(z.string()).nullish() }),
})
const aclsBody = z.object({
  bypass: z.enum(['AzureServices', 'None']).default('AzureServices'),
  defaultAction: z.enum(['Allow', 'Deny']).default('Allow'),
  ipRules: z.array(z.object({ value: z.string() })).nullish(),
  virtualNetworkRules: z.array(z.unknown()).nullish(),
})
const propertiesBody = z.object({
  tenantId: z.string().optional(),
  sku: z
    .object({
      name: z
        .string()
        .transform((n) => n.toLowerCase())
        .pipe(z.enum(['standard', 'premium'])),
    })
    .optional(),
  accessPolicies: z.array(policyBody).nullish(),
  enableRbacAuthorization: z.boolean().nullish(),
  enableSoftDelete: z.boolean().nullish(),
  softDeleteRetentionInDays: z.number().nullish(),
  enablePurgeProtection: z.boolean().nullish(),
  networkAcls: aclsBody.nullish(),
  publicNetworkAccess: z.string().nullish(),
  createMode: z.enum(['default', 'recover']).nullish(),
})
type Properties = z.infer<typeof propertiesBody>
const putBody = z.object({ location: locationBody, tags: tagsBody.nullish(), properties: propertiesBody })
const patchBody = z.object({ tags: tagsBody.nullish(), properties: propertiesBody.optional() })
const policiesBody = z.object({ properties: z.object({ accessPolicies: z.array(policyBody) }) })

const idOf = ({ s, g, n }: Params): string =>
  resourceId({ subscriptionId: s!, resourceGroup: g!, type: RESOURCE_TYPES.vault, name: n! })

const policyShape = (tenantId: string) => (policy: { objectId: string; keys: string[] }) => ({
  tenantId,
  objectId: policy.objectId,
  permissions: { keys: policy.keys, secrets: [], certificates: [], storage: [] },
})

function shape(vault: VaultRecord, { ctx, env }: ArmCall) {
  const { networkAcls } = vault
  return {
    id: vault.id,
    name: vault.name,
    type: RESOURCE_TYPES.vault,
    location: vault.location,
    tags: vault.tags,
    systemData: { createdAt: vault.createdAt },
    properties: {
      sku: { family: 'A', name: vault.sku },
      tenantId: ctx.tenantId,
      accessPolicies: vault.accessPolicies.map(policyShape(ctx.tenantId)),
      enabledForDeployment: false,
      enabledForDiskEncryption: false,
      enabledForTemplateDeployment: false,
      enableSoftDelete: vault.softDelete,
      softDeleteRetentionInDays: vault.softDeleteDays,
      enableRbacAuthorization: vault.permissionModel === 'rbac',
      ...(vault.purgeProtection ? { enablePurgeProtection: true } : {}),
      networkAcls: {
        ...networkAcls,
        ipRules: networkAcls.ipRules.map((value) => ({ value })),
        virtualNetworkRules: [],
      },
      publicNetworkAccess: vault.publicNetworkAccess ? 'Enabled' : 'Disabled',
      privateEndpointConnections: [],
      vaultUri: toVaultView(vault, env.httpsPort).uri,
      provisioningState: 'Succeeded',
    },
  }
}

const badRequest = (message: string) => new ArmError(400, 'BadRequest', message)

function toAcls(acls: z.infer<typeof aclsBody>): NetworkAcls {
  if (acls.virtualNetworkRules?.length) {
    // SIMULATED: there are no virtual networks here, and a rule that never matches would be a trap.
    throw badRequest('Virtual network rules are not part of this simulation. Use IP rules.')
  }
  return { bypass: acls.bypass, defaultAction: acls.defaultAction, ipRules: (acls.ipRules ?? []).map((r) => r.value) }
}

/** What a body says about a vault, with nothing in it that the body leaves out. */
function toPatch(properties: Properties, call: ArmCall, existing?: VaultRecord): UpdateVaultInput {
  if (properties.tenantId && !sameId(properties.tenantId, call.ctx.tenantId)) {
    throw badRequest("An invalid value was provided for 'tenantId'.")
  }
  if (properties.enableSoftDelete === false && existing?.softDelete) {
    throw badRequest(
      'The property "enableSoftDelete" can be set to false only for creating new vault. Enabling the \'soft delete\' functionality is an irreversible action.',
    )
  }
  // SIMULATED: there are no perimeters here, and a vault that seems to lie in one would be a trap.
  if (properties.publicNetworkAccess && !/^(enabled|disabled)$/i.test(properties.publicNetworkAccess))
    throw badRequest(
      'publicNetworkAccess is Enabled or Disabled; network security perimeters are not part of this simulation.',
    )
  const { sku, enableRbacAuthorization, accessPolicies, networkAcls, publicNetworkAccess } = properties
  return {
    ...(sku && { sku: sku.name }),
    ...(enableRbacAuthorization != null && { rbac: enableRbacAuthorization }),
    ...(accessPolicies && { accessPolicies: accessPolicies.map(toPolicy) }),
    ...(existing && properties.enableSoftDelete && { softDelete: true as const }),
    ...(properties.enablePurgeProtection && { purgeProtection: true as const }),
    ...(networkAcls && { networkAcls: toAcls(networkAcls) }),
    ...(publicNetworkAccess && { publicNetworkAccess: publicNetworkAccess.toLowerCase() !== 'disabled' }),
  }
}

const toPolicy = ({ objectId, permissions }: z.infer<typeof policyBody>) => ({ objectId, keys: permissions.keys ?? [] })

/** What cannot be changed may be repeated, and no more. */
function refuseChanges(vault: VaultRecord, properties: Properties): void {
  const days = properties.softDeleteRetentionInDays
  if (days != null && days !== vault.softDeleteDays) {
    throw badRequest('The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.')
  }
  if (properties.enablePurgeProtection === false && vault.purgeProtection) {
    throw badRequest(
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    )
  }
}

async function put(call: ArmCall): Promise<ArmReply> {
  const { ctx, params, request, apiVersion } = call
  const { location, tags, properties } = await readBody(request, putBody)
  await requireSubscription(ctx, params.s!)
  const id = idOf(params)
  if (properties.createMode === 'recover') return { body: shape(await recoverVault(ctx, id), call) }
  const existing = await findVaultByName(ctx, params.n!)
  if (existing && !existing.deletedAt && sameId(existing.id, id)) {
    const vault = await getVault(ctx, id)
    if (vault.location !== location) throw badRequest(`The location of the vault '${vault.name}' cannot be changed.`)
    refuseChanges(vault, properties)
    const patch = { ...toPatch(properties, call, vault), ...(tags && { tags }) }
    return { body: shape(await updateVault(ctx, id, patch), call) }
  }
  const vault = await createVault(ctx, {
    subscriptionId: params.s!,
    resourceGroup: params.g!,
    name: params.n!,
    location,
    tags: tags ?? {},
    sku: 'standard',
    rbac: apiVersion >= RBAC_BY_DEFAULT_SINCE,
    publicNetworkAccess: true,
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [] },
    softDeleteDays: properties.softDeleteRetentionInDays ?? DEFAULT_SOFT_DELETE_DAYS,
    purgeProtection: false,
    ...toPatch(properties, call),
    softDelete: properties.enableSoftDelete !== false,
  })
  return { status: 201, body: shape(vault, call) }
}

async function patch(call: ArmCall): Promise<ArmReply> {
  const { tags, properties = {} } = await readBody(call.request, patchBody)
  await requireSubscription(call.ctx, call.params.s!)
  const id = idOf(call.params)
  const vault = await getVault(call.ctx, id)
  refuseChanges(vault, properties)
  const changes = { ...toPatch(properties, call, vault), ...(tags && { tags }) }
  return { body: shape(await updateVault(call.ctx, id, changes), call) }
}

async function get(call: ArmCall): Promise<ArmReply> {
  const { s, g } = call.params
  await requireSubscription(call.ctx, s!)
  const { apiVersion } = call
  const vault = await getVaultByRequest(call.ctx, idOf(call.params), { apiVersion }).catch(async (error: unknown) => {
    if (isAppError(error) && error.code === 'ResourceNotFound') await requireResourceGroup(call.ctx, s!, g!)
    throw error
  })
  const body = shape(vault, call)
  const connections = await listPrivateEndpoints(call.ctx, vault.id)
  return {
    body: { ...body, properties: { ...body.properties, privateEndpointConnections: connections.map(connectionShape) } },
  }
}

async function remove({ ctx, params }: ArmCall): Promise<ArmReply> {
  await requireSubscription(ctx, params.s!)
  try {
    await deleteVault(ctx, idOf(params))
    return {}
  } catch (error) {
    if (isAppError(error) && error.code === 'ResourceNotFound') return { status: 204 }
    throw error
  }
}

async function listIn(call: ArmCall): Promise<ArmReply> {
  const { ctx, params } = call
  await requireSubscription(ctx, params.s!)
  if (params.g) await requireResourceGroup(ctx, params.s!, params.g)
  const found = (await listVaults(ctx))
    .filter((v) => sameId(v.subscriptionId, params.s!))
    .filter((v) => !params.g || sameId(v.resourceGroup, params.g))
  return list(found.map((vault) => shape(vault, call)))
}

type KeyLists = { before: string[]; given: string[] }

const merge: Record<string, (lists: KeyLists) => string[]> = {
  add: ({ before, given }) => [...before, ...given.filter((k) => !before.some((b) => sameId(b, k)))],
  replace: ({ given }) => given,
  remove: ({ before, given }) => before.filter((b) => !given.some((k) => sameId(b, k))),
}

async function changePolicies(call: ArmCall): Promise<ArmReply> {
  const { ctx, params, request } = call
  const { properties } = await readBody(request, policiesBody)
  const combine = merge[params.how!.toLowerCase()]
  if (!combine) throw badRequest('Access policies are changed by add, replace or remove.')
  const id = idOf(params)
  let vault = await getVault(ctx, id)
  for (const { objectId, keys } of properties.accessPolicies.map(toPolicy)) {
    const before = vault.accessPolicies.find((p) => sameId(p.objectId, objectId))?.keys ?? []
    vault = await setAccessPolicy(ctx, id, { objectId, keys: combine({ before, given: keys }) })
  }
  const accessPolicies = vault.accessPolicies.map(policyShape(ctx.tenantId))
  return {
    body: {
      id: `${id}/accessPolicies/`,
      type: `${RESOURCE_TYPES.vault}/accessPolicies`,
      properties: { accessPolicies },
    },
  }
}

const deletedShape = (vault: VaultRecord) => ({
  id: `/subscriptions/${vault.subscriptionId}/providers/Microsoft.KeyVault/locations/${vault.location}/deletedVaults/${vault.name}`,
  name: vault.name,
  type: 'Microsoft.KeyVault/deletedVaults',
  properties: {
    vaultId: vault.id,
    location: vault.location,
    deletionDate: vault.deletedAt,
    scheduledPurgeDate: vault.scheduledPurgeAt,
    purgeProtectionEnabled: vault.purgeProtection,
    tags: vault.tags,
  },
})

async function deletedIn({ ctx, params }: ArmCall): Promise<VaultRecord[]> {
  await requireSubscription(ctx, params.s!)
  return (await listDeletedVaults(ctx)).filter((v) => sameId(v.subscriptionId, params.s!))
}

async function requireDeleted(call: ArmCall): Promise<VaultRecord> {
  const { n, l } = call.params
  const found = (await deletedIn(call)).find((v) => sameId(v.name, n!) && sameId(v.location, l!))
  if (found) return found
  throw new AppError('ResourceNotFound', {
    vendorCode: 'DeletedVaultNotFound',
    publicMessage: `The specified deleted vault '${n}' does not exist.`,
  })
}

const IN_GROUP = `/subscriptions/{s}/resourceGroups/{g}/providers/${RESOURCE_TYPES.vault}`
const KEY_VAULT = '/subscriptions/{s}/providers/Microsoft.KeyVault'
const DELETED = `${KEY_VAULT}/locations/{l}/deletedVaults/{n}`

export const vaultRoutes = [
  route('GET', `${KEY_VAULT}/vaults`, listIn),
  route('GET', IN_GROUP, listIn),
  route('GET', `${IN_GROUP}/{n}`, get),
  route('PUT', `${IN_GROUP}/{n}`, put),
  route('PATCH', `${IN_GROUP}/{n}`, patch),
  route('DELETE', `${IN_GROUP}/{n}`, remove),
  route('PUT', `${IN_GROUP}/{n}/accessPolicies/{how}`, changePolicies),
  route('GET', `${KEY_VAULT}/deletedVaults`, async (call) => list((await deletedIn(call)).map(deletedShape))),
  route('GET', DELETED, async (call) => ({ body: deletedShape(await requireDeleted(call)) })),
  route('POST', `${DELETED}/purge`, async (call) => {
    await purgeVault(call.ctx, (await requireDeleted(call)).id)
    return {}
  }),
]
