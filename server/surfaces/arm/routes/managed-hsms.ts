import { z } from 'zod'
import { requireResourceGroup, requireSubscription } from '@/server/identity/service'
import { AppError, isAppError } from '@/server/kernel/errors'
import { RESOURCE_TYPES, resourceId, sameId } from '@/server/kernel/resource-id'
import type { UpdateManagedHsmInput } from '@/server/managed-hsm/contract'
import { type ManagedHsmRecord, type NetworkAcls, toManagedHsmView } from '@/server/managed-hsm/model'
import {
  checkHsmName,
  createManagedHsm,
  deleteManagedHsm,
  findHsmByName,
  getManagedHsm,
  listDeletedManagedHsms,
  listManagedHsms,
  purgeManagedHsm,
  recoverManagedHsm,
  updateManagedHsm,
} from '@/server/managed-hsm/service'
import { ArmError } from '../errors'
import { locationBody, type Params, readBody, tagsBody } from '../request'
import { type ArmCall, type ArmReply, list, route } from '../route'

const DEFAULT_SOFT_DELETE_DAYS = 90

const propertiesBody = z.object({
  tenantId: z.string().optional(),
  initialAdminObjectIds: z.array(z.string()).nullish(),
  enableSoftDelete: z.boolean().nullish(),
  softDeleteRetentionInDays: z.number().nullish(),
  enablePurgeProtection: z.boolean().nullish(),
  networkAcls: z
    .object({
      bypass: z.enum(['AzureServices', 'None']).default('AzureServices'),
      defaultAction: z.enum(['Allow', 'Deny']).default('Allow'),
      ipRules: z.array(z.object({ value: z.string() })).nullish(),
      virtualNetworkRules: z.array(z.unknown()).nullish(),
    })
    .nullish(),
  publicNetworkAccess: z.string().nullish(),
  createMode: z.enum(['default', 'recover']).nullish(),
})
type Properties = z.infer<typeof propertiesBody>
const putBody = z.object({
  location: locationBody,
  tags: tagsBody.nullish(),
  sku: z.object({ family: z.string(), name: z.string() }).nullish(),
  properties: propertiesBody.default({}),
})
const patchBody = z.object({ tags: tagsBody.nullish(), properties: propertiesBody.optional() })

const badRequest = (message: string) => new ArmError(400, 'BadRequest', message)
const idOf = ({ s, g, n }: Params): string =>
  resourceId({ subscriptionId: s!, resourceGroup: g!, type: RESOURCE_TYPES.managedHsm, name: n! })

const NOT_ACTIVATED =
  'Your HSM has been provisioned, but cannot be used for cryptographic operations until it is activated. To activate the HSM, download the security domain.'

function shape(hsm: ManagedHsmRecord, { ctx, env }: ArmCall) {
  const { networkAcls } = hsm
  return {
    id: hsm.id,
    name: hsm.name,
    type: RESOURCE_TYPES.managedHsm,
    location: hsm.location,
    tags: hsm.tags,
    sku: { family: 'B', name: 'Standard_B1' },
    systemData: { createdAt: hsm.createdAt },
    properties: {
      tenantId: ctx.tenantId,
      initialAdminObjectIds: hsm.adminObjectIds,
      hsmUri: toManagedHsmView(hsm, env.httpsPort).uri,
      enableSoftDelete: true,
      softDeleteRetentionInDays: hsm.softDeleteDays,
      enablePurgeProtection: hsm.purgeProtection,
      provisioningState: 'Succeeded',
      statusMessage: 'The Managed HSM is provisioned and ready to use.',
      publicNetworkAccess: hsm.publicNetworkAccess ? 'Enabled' : 'Disabled',
      networkAcls: {
        ...networkAcls,
        ipRules: networkAcls.ipRules.map((value) => ({ value })),
        serviceTags: [],
        virtualNetworkRules: [],
      },
      regions: [],
      privateEndpointConnections: [],
      securityDomainProperties: hsm.activated
        ? { activationStatus: 'Active', activationStatusMessage: 'Your HSM has been activated and can be used.' }
        : { activationStatus: 'NotActivated', activationStatusMessage: NOT_ACTIVATED },
    },
  }
}

/** What a body says about a pool, with nothing in it that the body leaves out. */
function toPatch(properties: Properties, call: ArmCall): UpdateManagedHsmInput {
  const { networkAcls: acls, publicNetworkAccess } = properties
  if (properties.tenantId && !sameId(properties.tenantId, call.ctx.tenantId))
    throw badRequest("An invalid value was provided for 'tenantId'.")
  if (properties.enableSoftDelete === false) throw badRequest('Soft delete of a managed HSM cannot be disabled.')
  if (acls?.virtualNetworkRules?.length)
    // SIMULATED: there are no virtual networks here, and a rule that never matches would be a trap.
    throw badRequest('Virtual network rules are not part of this simulation. Use IP rules.')
  const networkAcls: NetworkAcls | undefined = acls
    ? { bypass: acls.bypass, defaultAction: acls.defaultAction, ipRules: (acls.ipRules ?? []).map((r) => r.value) }
    : undefined
  return {
    ...(properties.enablePurgeProtection && { purgeProtection: true as const }),
    ...(networkAcls && { networkAcls }),
    ...(publicNetworkAccess && { publicNetworkAccess: publicNetworkAccess.toLowerCase() !== 'disabled' }),
  }
}

function refuseChanges(hsm: ManagedHsmRecord, properties: Properties): void {
  const days = properties.softDeleteRetentionInDays
  if (days != null && days !== hsm.softDeleteDays)
    throw badRequest('The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.')
  if (properties.enablePurgeProtection === false && hsm.purgeProtection)
    throw badRequest('The property "enablePurgeProtection" cannot be set to false.')
}

async function put(call: ArmCall): Promise<ArmReply> {
  const { ctx, params, request } = call
  const { location, tags, sku, properties } = await readBody(request, putBody)
  await requireSubscription(ctx, params.s!)
  const id = idOf(params)
  if (properties.createMode === 'recover') return { body: shape(await recoverManagedHsm(ctx, id), call) }
  if (sku && sku.name !== 'Standard_B1')
    throw new ArmError(400, 'SkuNotSupported', `The sku '${sku.name}' is not part of this simulation. Use Standard_B1.`)
  const existing = await findHsmByName(ctx, params.n!)
  if (existing && !existing.deletedAt && sameId(existing.id, id)) {
    const hsm = await getManagedHsm(ctx, id)
    if (hsm.location !== location) throw badRequest(`The location of the managed HSM '${hsm.name}' cannot be changed.`)
    refuseChanges(hsm, properties)
    const changes = { ...toPatch(properties, call), ...(tags && { tags }) }
    return { body: shape(await updateManagedHsm(ctx, id, changes), call) }
  }
  const hsm = await createManagedHsm(ctx, {
    subscriptionId: params.s!,
    resourceGroup: params.g!,
    name: params.n!,
    location,
    tags: tags ?? {},
    adminObjectIds: properties.initialAdminObjectIds ?? [],
    publicNetworkAccess: true,
    networkAcls: { bypass: 'AzureServices', defaultAction: 'Allow', ipRules: [] },
    softDeleteDays: properties.softDeleteRetentionInDays ?? DEFAULT_SOFT_DELETE_DAYS,
    purgeProtection: false,
    ...toPatch(properties, call),
  })
  // SIMULATED: in Azure a pool takes some twenty minutes to be provisioned.
  return { status: 201, body: shape(hsm, call) }
}

async function patch(call: ArmCall): Promise<ArmReply> {
  const { tags, properties = {} } = await readBody(call.request, patchBody)
  await requireSubscription(call.ctx, call.params.s!)
  const id = idOf(call.params)
  refuseChanges(await getManagedHsm(call.ctx, id), properties)
  const changes = { ...toPatch(properties, call), ...(tags && { tags }) }
  return { body: shape(await updateManagedHsm(call.ctx, id, changes), call) }
}

async function get(call: ArmCall): Promise<ArmReply> {
  await requireSubscription(call.ctx, call.params.s!)
  return { body: shape(await getManagedHsm(call.ctx, idOf(call.params)), call) }
}

async function remove({ ctx, params }: ArmCall): Promise<ArmReply> {
  await requireSubscription(ctx, params.s!)
  try {
    await deleteManagedHsm(ctx, idOf(params))
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
  const found = (await listManagedHsms(ctx))
    .filter((h) => sameId(h.subscriptionId, params.s!))
    .filter((h) => !params.g || sameId(h.resourceGroup, params.g))
  return list(found.map((hsm) => shape(hsm, call)))
}

const deletedShape = (hsm: ManagedHsmRecord) => ({
  id: `/subscriptions/${hsm.subscriptionId}/providers/Microsoft.KeyVault/locations/${hsm.location}/deletedManagedHSMs/${hsm.name}`,
  name: hsm.name,
  type: 'Microsoft.KeyVault/deletedManagedHSMs',
  properties: {
    mhsmId: hsm.id,
    location: hsm.location,
    deletionDate: hsm.deletedAt,
    scheduledPurgeDate: hsm.scheduledPurgeAt,
    purgeProtectionEnabled: hsm.purgeProtection,
    tags: hsm.tags,
  },
})

async function deletedIn({ ctx, params }: ArmCall): Promise<ManagedHsmRecord[]> {
  await requireSubscription(ctx, params.s!)
  return (await listDeletedManagedHsms(ctx)).filter((h) => sameId(h.subscriptionId, params.s!))
}

async function requireDeleted(call: ArmCall): Promise<ManagedHsmRecord> {
  const { n, l } = call.params
  const found = (await deletedIn(call)).find((h) => sameId(h.name, n!) && sameId(h.location, l!))
  if (found) return found
  throw new AppError('ResourceNotFound', {
    vendorCode: 'DeletedManagedHsmNotFound',
    publicMessage: `The specified deleted managed HSM '${n}' does not exist.`,
  })
}

async function purge(call: ArmCall): Promise<ArmReply> {
  await purgeManagedHsm(call.ctx, (await requireDeleted(call)).id)
  return {}
}

async function checkName({ ctx, params, request }: ArmCall): Promise<ArmReply> {
  await requireSubscription(ctx, params.s!)
  const { name } = await readBody(request, z.object({ name: z.string() }))
  const { available, reason, message } = await checkHsmName(ctx, name)
  return { body: { nameAvailable: available, ...(available ? {} : { reason, message }) } }
}

const IN_GROUP = `/subscriptions/{s}/resourceGroups/{g}/providers/${RESOURCE_TYPES.managedHsm}`
const KEY_VAULT = '/subscriptions/{s}/providers/Microsoft.KeyVault'
const DELETED = `${KEY_VAULT}/locations/{l}/deletedManagedHSMs/{n}`

export const managedHsmRoutes = [
  route('GET', `${KEY_VAULT}/managedHSMs`, listIn),
  route('GET', IN_GROUP, listIn),
  route('GET', `${IN_GROUP}/{n}`, get),
  route('PUT', `${IN_GROUP}/{n}`, put),
  route('PATCH', `${IN_GROUP}/{n}`, patch),
  route('DELETE', `${IN_GROUP}/{n}`, remove),
  route('POST', `${KEY_VAULT}/checkMhsmNameAvailability`, checkName),
  route('GET', `${KEY_VAULT}/deletedManagedHSMs`, async (call) => list((await deletedIn(call)).map(deletedShape))),
  route('GET', DELETED, async (call) => ({ body: deletedShape(await requireDeleted(call)) })),
  route('POST', `${DELETED}/purge`, purge),
]
