import { z } from 'zod'
import { requireResourceGroup, requireSubscription } from '@/server/identity/service'
import { AppError, invariant, isAppError } from '@/server/kernel/errors'
import { RESOURCE_TYPES, resourceId, sameId } from '@/server/kernel/resource-id'
import { type ServerView, serverName } from '@/server/postgres/contract'
import {
  changeLife,
  checkServerName,
  createServer,
  deleteServer,
  getServer,
  listServers,
  openHere,
  updateAttachments,
  updateEncryption,
  updateServer,
} from '@/server/postgres/service'
import { ArmError } from '../errors'
import { type Params, readBody } from '../request'
import { type ArmCall, type ArmReply, list, route } from '../route'
import {
  createServerBody,
  invalid,
  type PatchServerBody,
  patchServerBody,
  refuseOtherChanges,
  toCreateInput,
  toEncryption,
  toUpdate,
} from './server-body'
import { accepted } from './server-operations'
import { serverShape } from './server-shape'

const UPSERT = 'UpsertServerManagementOperationV2'

const idOf = ({ s, g, n }: Params): string =>
  resourceId({ subscriptionId: s!, resourceGroup: g!, type: RESOURCE_TYPES.server, name: n!.toLowerCase() })

/** The server of the path. @throws AppError `ResourceNotFound` in ARM's words, `ResourceGroupNotFound`, `AuthorizationFailed`. */
export async function requireServerOf({ ctx, params }: ArmCall): Promise<ServerView> {
  const server = await findServerOf({ ctx, params })
  if (server) return server
  await requireResourceGroup(ctx, params.s!, params.g!)
  throw new AppError('ResourceNotFound', {
    publicMessage: `The Resource '${RESOURCE_TYPES.server}/${params.n}' under resource group '${params.g}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  })
}

async function findServerOf({ ctx, params }: Pick<ArmCall, 'ctx' | 'params'>): Promise<ServerView | null> {
  await requireSubscription(ctx, params.s!)
  try {
    const server = await getServer(ctx, params.n!.toLowerCase())
    return sameId(server.id, idOf(params)) ? server : null
  } catch (error) {
    if (isAppError(error) && error.code === 'ResourceNotFound') return null
    throw error
  }
}

export function keyAccessOf({ env }: ArmCall) {
  invariant(env.keyAccess, 'this host serves servers')
  return env.keyAccess
}

export const depsOf = (call: ArmCall) => ({ keyAccess: keyAccessOf(call), dataPlane: call.env.dataPlane ?? null })

async function put(call: ArmCall): Promise<ArmReply> {
  const { ctx, params, request, apiVersion } = call
  const body = await readBody(request, createServerBody)
  const existing = await findServerOf(call)
  if (existing) return change(call, existing, body)
  const mode = body.properties.createMode ?? 'Default'
  if (!/^(default|create)$/i.test(mode)) throw invalid(`The createMode ${mode} is not part of this simulation.`)
  const { name: g } = await requireResourceGroup(ctx, params.s!, params.g!)
  const input = toCreateInput({ ...params, g }, body, apiVersion)
  const { operationId } = await createServer(ctx, keyAccessOf(call), input)
  return accepted(call, { operationId, location: body.location, name: UPSERT })
}

async function patch(call: ArmCall): Promise<ArmReply> {
  const body = await readBody(call.request, patchServerBody)
  return change(call, await requireServerOf(call), body)
}

/** PATCH, and PUT of a server that is there. Sizes, retention, password, key, identities and tags can be changed. */
async function change(call: ArmCall, server: ServerView, body: PatchServerBody): Promise<ArmReply> {
  refuseOtherChanges(server, body)
  const wanted = newEncryption(call, server, body)
  const update = toUpdate(server, body)
  if (wanted && update?.sku)
    throw invalid(
      'Compute size and data encryption cannot change at once. Change one, wait until the server is Ready, then the other.',
    )
  await changeAttachments(call, server, body)
  if (update) {
    const deps = { keyAccess: keyAccessOf(call), open: openHere(depsOf(call)) }
    const { operationId } = await updateServer(call.ctx, deps, update)
    if (operationId) return accepted(call, { operationId, location: server.location, name: UPSERT })
  }
  if (!wanted) return { body: serverShape(await requireServerOf(call), call.ctx.tenantId) }
  const { operationId } = await updateEncryption(call.ctx, keyAccessOf(call), { serverId: server.id, ...wanted })
  return accepted(call, { operationId, location: server.location, name: UPSERT })
}

/** The keys that a change asks for; null when it says nothing of them. The same keys again are a check of them. */
function newEncryption({ apiVersion }: ArmCall, server: ServerView, body: PatchServerBody) {
  const given = body.properties?.dataEncryption
  if (!given) return null
  const type = given.type ?? server.encryption.type
  if (type !== server.encryption.type && !(type === 'SystemAssigned' && server.encryption.type === 'SystemManaged'))
    throw invalid(
      'Invalid value given for parameter dataEncryption.type: the mode is for life. Restore the server to a new one with the other mode.',
    )
  if (server.encryption.type === 'SystemManaged') return null
  const { primary: now } = server.encryption
  const complete = {
    ...given,
    type,
    // As in Azure's own command line: the primary key is sent again when only the other changes.
    primaryKeyUri: given.primaryKeyUri ?? now?.keyUri,
    primaryUserAssignedIdentityId: given.primaryUserAssignedIdentityId ?? now?.identityId,
    geoBackupKeyUri: given.geoBackupKeyUri ?? server.encryption.geo?.keyUri,
    geoBackupUserAssignedIdentityId: given.geoBackupUserAssignedIdentityId ?? server.encryption.geo?.identityId,
  }
  const { primary, geo } = toEncryption(
    { properties: { dataEncryption: complete } },
    server.geoRedundantBackup,
    apiVersion,
  )
  return primary && { primary, geo }
}

async function changeAttachments({ ctx }: ArmCall, server: ServerView, body: PatchServerBody): Promise<void> {
  const identities = Object.entries(body.identity?.userAssignedIdentities ?? {})
  const attached = (id: string) => server.attachedIdentityIds.some((other) => sameId(other, id))
  const attach = identities.filter(([id, value]) => value !== null && !attached(id)).map(([id]) => id)
  const detach = identities.filter(([, value]) => value === null).map(([id]) => id)
  const tags = body.tags ?? undefined
  if (tags || attach.length || detach.length) await updateAttachments(ctx, server.id, { tags, attach, detach })
}

async function remove(call: ArmCall): Promise<ArmReply> {
  const server = await findServerOf(call)
  if (!server) return { status: 204 }
  const { operationId } = await deleteServer(call.ctx, server.id)
  return accepted(call, { operationId, location: server.location, name: 'DropServerManagementOperation' })
}

async function listIn({ ctx, params }: ArmCall): Promise<ArmReply> {
  await requireSubscription(ctx, params.s!)
  if (params.g) await requireResourceGroup(ctx, params.s!, params.g)
  const found = (await listServers(ctx))
    .filter((server) => sameId(server.subscriptionId, params.s!))
    .filter((server) => !params.g || sameId(server.resourceGroup, params.g))
  return list(found.map((server) => serverShape(server, ctx.tenantId)))
}

const LIFE = {
  start: 'StartServerManagementOperation',
  stop: 'StopServerManagementOperation',
  restart: 'RestartServerManagementOperation',
} as const

const live =
  (command: keyof typeof LIFE) =>
  async (call: ArmCall): Promise<ArmReply> => {
    const server = await requireServerOf(call)
    const { operationId } = await changeLife(call.ctx, keyAccessOf(call), command, server.id)
    return accepted(call, { operationId, location: server.location, name: LIFE[command] })
  }

const nameBody = z.object({ name: z.string(), type: z.string().nullish() })

async function checkName({ ctx, params, request }: ArmCall): Promise<ArmReply> {
  await requireSubscription(ctx, params.s!)
  const { name, type = RESOURCE_TYPES.server } = await readBody(request, nameBody)
  if (type && !sameId(type, RESOURCE_TYPES.server))
    throw new ArmError(400, 'InvalidParameterValue', `Names of the type '${type}' are not part of this simulation.`)
  const { available, reason: message } = await checkServerName(ctx, name)
  const reason = serverName.safeParse(name).success ? 'AlreadyExists' : 'Invalid'
  return { body: { name, type, nameAvailable: available, message: message ?? '', ...(available ? {} : { reason }) } }
}

const IN_GROUP = `/subscriptions/{s}/resourceGroups/{g}/providers/${RESOURCE_TYPES.server}`
const PROVIDER = '/subscriptions/{s}/providers/Microsoft.DBforPostgreSQL'

export const serverRoutes = [
  route('GET', `${PROVIDER}/flexibleServers`, listIn),
  route('GET', IN_GROUP, listIn),
  route('GET', `${IN_GROUP}/{n}`, async (call) => ({
    body: serverShape(await requireServerOf(call), call.ctx.tenantId),
  })),
  route('PUT', `${IN_GROUP}/{n}`, put),
  route('PATCH', `${IN_GROUP}/{n}`, patch),
  route('DELETE', `${IN_GROUP}/{n}`, remove),
  route('POST', `${IN_GROUP}/{n}/start`, live('start')),
  route('POST', `${IN_GROUP}/{n}/stop`, live('stop')),
  route('POST', `${IN_GROUP}/{n}/restart`, live('restart')),
  route('POST', `${PROVIDER}/checkNameAvailability`, checkName),
  route('POST', `${PROVIDER}/locations/{l}/checkNameAvailability`, checkName),
]
