import { z } from 'zod'
import {
  createResourceGroup,
  findTenant,
  getResourceGroup,
  listManagedIdentities,
  listResourceGroups,
  listSubscriptions,
  requireResourceGroup,
  requireSubscription,
} from '@/server/identity/service'
import { AppError } from '@/server/kernel/errors'
import { REGIONS } from '@/server/kernel/regions'
import { RESOURCE_TYPES, resourceGroupId, sameId } from '@/server/kernel/resource-id'
import { listVaults } from '@/server/keyvault/service'
import { listManagedHsms } from '@/server/managed-hsm/service'
import { listServers } from '@/server/postgres/service'
import { filterValue, locationBody, readBody, tagsBody } from '../request'
import { type ArmCall, type ArmReply, list, route } from '../route'

const subscriptionShape = (tenantId: string) => (subscription: { id: string; name: string }) => ({
  id: `/subscriptions/${subscription.id}`,
  authorizationSource: 'RoleBased',
  managedByTenants: [],
  subscriptionId: subscription.id,
  tenantId,
  displayName: subscription.name,
  state: 'Enabled',
  subscriptionPolicies: {
    locationPlacementId: 'Public_2014-09-01',
    quotaId: 'PayAsYouGo_2014-09-01',
    spendingLimit: 'Off',
  },
})

const groupShape = (group: { id: string; name: string; location: string; tags: Record<string, string> }) => ({
  id: group.id,
  name: group.name,
  type: 'Microsoft.Resources/resourceGroups',
  location: group.location,
  tags: group.tags,
  properties: { provisioningState: 'Succeeded' },
})

async function getSubscription({ ctx, params }: ArmCall): Promise<ArmReply> {
  const { id } = await requireSubscription(ctx, params.s!)
  const mine = (await listSubscriptions(ctx)).find((s) => s.id === id)
  if (mine) return { body: subscriptionShape(ctx.tenantId)(mine) }
  throw new AppError('AuthorizationFailed', {
    publicMessage: `The client '${ctx.principal.appId ?? ctx.principal.upn}' with object id '${ctx.principal.objectId}' does not have authorization to perform action 'Microsoft.Resources/subscriptions/read' over scope '/subscriptions/${id}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  })
}

async function listTenants({ ctx }: ArmCall): Promise<ArmReply> {
  const tenant = (await findTenant(ctx.db, ctx.tenantId))!
  const { id: tenantId, name: displayName, domain: defaultDomain } = tenant
  return list([{ id: `/tenants/${tenantId}`, tenantId, displayName, defaultDomain, tenantCategory: 'Home' }])
}

const groupBody = z.object({ location: locationBody, tags: tagsBody.optional() })

async function putGroup({ ctx, params, request }: ArmCall): Promise<ArmReply> {
  const { location, tags } = await readBody(request, groupBody)
  const subscription = await requireSubscription(ctx, params.s!)
  const groups = await listResourceGroups(ctx)
  const existed = groups.some((g) => sameId(g.id, resourceGroupId(subscription.id, params.g!)))
  const group = await createResourceGroup(ctx, { subscriptionId: subscription.id, name: params.g!, location, tags })
  return { status: existed ? 200 : 201, body: groupShape(group) }
}

async function getGroup({ ctx, params }: ArmCall): Promise<ArmReply> {
  await getResourceGroup(ctx, resourceGroupId(params.s!, params.g!))
  return { body: groupShape(await requireResourceGroup(ctx, params.s!, params.g!)) }
}

async function headGroup({ ctx, params }: ArmCall): Promise<ArmReply> {
  return { status: (await getResourceGroup(ctx, resourceGroupId(params.s!, params.g!))) ? 204 : 404 }
}

/** The resources of a subscription or group in their short form; clients look vaults up by it. */
async function listResources({ ctx, params, query }: ArmCall): Promise<ArmReply> {
  await requireSubscription(ctx, params.s!)
  const wanted = filterValue(query.get('$filter'), 'resourceType')
  const identities = (await listManagedIdentities(ctx)).map((i) => ({ ...i, type: RESOURCE_TYPES.identity }))
  const vaults = (await listVaults(ctx)).map((v) => ({ ...v, type: RESOURCE_TYPES.vault }))
  const hsms = (await listManagedHsms(ctx)).map((h) => ({ ...h, type: RESOURCE_TYPES.managedHsm }))
  const servers = (await listServers(ctx)).map((s) => ({ ...s, type: RESOURCE_TYPES.server }))
  const found = [...vaults, ...hsms, ...servers, ...identities]
    .filter((r) => sameId(r.subscriptionId, params.s!))
    .filter((r) => !params.g || sameId(r.resourceGroup, params.g))
    .filter((r) => !wanted || sameId(r.type, wanted))
  return list(found.map(({ id, name, type, location, tags }) => ({ id, name, type, location, tags })))
}

export const subscriptionRoutes = [
  route('GET', '/subscriptions', async ({ ctx }) => {
    const value = (await listSubscriptions(ctx)).map(subscriptionShape(ctx.tenantId))
    return { body: { value, count: { type: 'Total', value: value.length } } }
  }),
  route('GET', '/tenants', listTenants),
  route('GET', '/subscriptions/{s}', getSubscription),
  route('GET', '/subscriptions/{s}/locations', async ({ ctx, params }) => {
    const { id } = await requireSubscription(ctx, params.s!)
    return list(
      REGIONS.map(({ name, displayName }) => ({
        id: `/subscriptions/${id}/locations/${name}`,
        name,
        displayName,
        regionalDisplayName: displayName,
        metadata: { regionType: 'Physical' },
      })),
    )
  }),
  route('GET', '/subscriptions/{s}/resourceGroups', async ({ ctx, params }) => {
    await requireSubscription(ctx, params.s!)
    return list((await listResourceGroups(ctx)).filter((g) => sameId(g.subscriptionId, params.s!)).map(groupShape))
  }),
  route('GET', '/subscriptions/{s}/resourceGroups/{g}', getGroup),
  route('HEAD', '/subscriptions/{s}/resourceGroups/{g}', headGroup),
  route('PUT', '/subscriptions/{s}/resourceGroups/{g}', putGroup),
  route('GET', '/subscriptions/{s}/resources', listResources),
  route('GET', '/subscriptions/{s}/resourceGroups/{g}/resources', listResources),
]
