import { z } from 'zod'
import { requireSubscription } from '@/server/identity/service'
import { RESOURCE_TYPES, resourceId, sameId } from '@/server/kernel/resource-id'
import type { PrivateEndpointView } from '@/server/keyvault/contract'
import {
  checkVaultName,
  decidePrivateEndpoint,
  deletePrivateEndpoint,
  listPrivateEndpoints,
} from '@/server/keyvault/service'
import { ArmError } from '../errors'
import { type Params, readBody } from '../request'
import { type ArmCall, list, route } from '../route'

const decision = z.object({
  properties: z.object({
    privateLinkServiceConnectionState: z.object({
      status: z.enum(['Approved', 'Rejected']),
      description: z.string().nullish(),
    }),
  }),
})
const nameBody = z.object({ name: z.string(), type: z.string().optional() })

const idOf = ({ s, g, n }: Params): string =>
  resourceId({ subscriptionId: s!, resourceGroup: g!, type: RESOURCE_TYPES.vault, name: n! })

export const connectionShape = (endpoint: PrivateEndpointView) => ({
  id: `${endpoint.vaultId}/privateEndpointConnections/${endpoint.name}`,
  name: endpoint.name,
  type: `${RESOURCE_TYPES.vault}/privateEndpointConnections`,
  properties: {
    privateEndpoint: { id: endpoint.privateEndpointId },
    privateLinkServiceConnectionState: {
      status: endpoint.status,
      description: endpoint.description,
      actionsRequired: 'None',
    },
    provisioningState: 'Succeeded',
  },
})

async function get({ ctx, params }: ArmCall) {
  const found = (await listPrivateEndpoints(ctx, idOf(params))).find((e) => sameId(e.name, params.c!))
  if (found) return { body: connectionShape(found) }
  throw new ArmError(404, 'ResourceNotFound', `The private endpoint connection '${params.c}' was not found.`)
}

async function put({ ctx, params, request }: ArmCall) {
  const { status, description } = (await readBody(request, decision)).properties.privateLinkServiceConnectionState
  const decided = await decidePrivateEndpoint(ctx, idOf(params), params.c!, { status, description: description ?? '' })
  return { body: connectionShape(decided) }
}

const VAULT = `/subscriptions/{s}/resourceGroups/{g}/providers/${RESOURCE_TYPES.vault}/{n}`
const CONNECTIONS = `${VAULT}/privateEndpointConnections`

export const privateEndpointRoutes = [
  route('GET', CONNECTIONS, async ({ ctx, params }) =>
    list((await listPrivateEndpoints(ctx, idOf(params))).map(connectionShape)),
  ),
  route('GET', `${CONNECTIONS}/{c}`, get),
  route('PUT', `${CONNECTIONS}/{c}`, put),
  route('DELETE', `${CONNECTIONS}/{c}`, async ({ ctx, params }) => {
    await deletePrivateEndpoint(ctx, idOf(params), params.c!)
    return {}
  }),
  route('GET', `${VAULT}/privateLinkResources`, async ({ ctx, params }) => {
    const id = idOf(params)
    await listPrivateEndpoints(ctx, id)
    const properties = {
      groupId: 'vault',
      requiredMembers: ['default'],
      requiredZoneNames: ['privatelink.vaultcore.azure.net'],
    }
    const type = `${RESOURCE_TYPES.vault}/privateLinkResources`
    return list([{ id: `${id}/privateLinkResources/vault`, name: 'vault', type, properties }])
  }),
  route(
    'POST',
    '/subscriptions/{s}/providers/Microsoft.KeyVault/checkNameAvailability',
    async ({ ctx, params, request }) => {
      await requireSubscription(ctx, params.s!)
      const { available, reason, message } = await checkVaultName(ctx, (await readBody(request, nameBody)).name)
      return { body: { nameAvailable: available, ...(reason && { reason, message }) } }
    },
  ),
]
