import { z } from 'zod'
import type { IdentityView } from '@/server/identity/contract'
import {
  createManagedIdentity,
  deleteManagedIdentity,
  getManagedIdentity,
  listManagedIdentities,
  requireResourceGroup,
  requireSubscription,
} from '@/server/identity/service'
import { AppError, isAppError } from '@/server/kernel/errors'
import { RESOURCE_TYPES, resourceId, sameId } from '@/server/kernel/resource-id'
import { locationBody, type Params, readBody, tagsBody } from '../request'
import { type ArmCall, type ArmReply, list, route } from '../route'

const shape = (identity: IdentityView) => ({
  id: identity.id,
  name: identity.name,
  type: RESOURCE_TYPES.identity,
  location: identity.location,
  tags: identity.tags,
  properties: {
    tenantId: identity.tenantId,
    principalId: identity.principalId,
    clientId: identity.clientId,
    isolationScope: 'None',
  },
})

const idOf = ({ s, g, n }: Params): string =>
  resourceId({ subscriptionId: s!, resourceGroup: g!, type: RESOURCE_TYPES.identity, name: n! })

const putBody = z.object({ location: locationBody, tags: tagsBody.optional() })
const patchBody = z.object({ tags: tagsBody.optional() })

async function find({ ctx, params }: ArmCall): Promise<IdentityView | null> {
  await requireSubscription(ctx, params.s!)
  return getManagedIdentity(ctx, idOf(params))
}

async function requireIdentity(call: ArmCall): Promise<IdentityView> {
  const found = await find(call)
  if (found) return found
  const { s, g, n } = call.params
  await requireResourceGroup(call.ctx, s!, g!)
  throw new AppError('IdentityNotFound', {
    publicMessage: `The Resource '${RESOURCE_TYPES.identity}/${n}' under resource group '${g}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  })
}

async function put(call: ArmCall): Promise<ArmReply> {
  const { ctx, params, request } = call
  const body = await readBody(request, putBody)
  const before = (await listManagedIdentities(ctx)).some((i) => sameId(i.id, idOf(params)))
  const place = { subscriptionId: params.s!, resourceGroup: params.g!, name: params.n! }
  const made = await createManagedIdentity(ctx, { ...place, ...body })
  return { status: before ? 200 : 201, body: shape(made) }
}

async function patch(call: ArmCall): Promise<ArmReply> {
  const { tags } = await readBody(call.request, patchBody)
  const { subscriptionId, resourceGroup, name, location } = await requireIdentity(call)
  const changed = await createManagedIdentity(call.ctx, { subscriptionId, resourceGroup, name, location, tags })
  return { body: shape(changed) }
}

async function remove({ ctx, params }: ArmCall): Promise<ArmReply> {
  await requireSubscription(ctx, params.s!)
  try {
    await deleteManagedIdentity(ctx, idOf(params))
    return {}
  } catch (error) {
    if (isAppError(error) && error.code === 'IdentityNotFound') return { status: 204 }
    throw error
  }
}

async function listIn({ ctx, params }: ArmCall): Promise<ArmReply> {
  await requireSubscription(ctx, params.s!)
  if (params.g) await requireResourceGroup(ctx, params.s!, params.g)
  const found = (await listManagedIdentities(ctx))
    .filter((i) => sameId(i.subscriptionId, params.s!))
    .filter((i) => !params.g || sameId(i.resourceGroup, params.g))
  return list(found.map(shape))
}

const IN_GROUP = `/subscriptions/{s}/resourceGroups/{g}/providers/${RESOURCE_TYPES.identity}`

export const managedIdentityRoutes = [
  route('GET', `/subscriptions/{s}/providers/${RESOURCE_TYPES.identity}`, listIn),
  route('GET', IN_GROUP, listIn),
  route('GET', `${IN_GROUP}/{n}`, async (call) => ({ body: shape(await requireIdentity(call)) })),
  route('PUT', `${IN_GROUP}/{n}`, put),
  route('PATCH', `${IN_GROUP}/{n}`, patch),
  route('DELETE', `${IN_GROUP}/{n}`, remove),
]
