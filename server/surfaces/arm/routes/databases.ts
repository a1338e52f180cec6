import { z } from 'zod'
import { AppError } from '@/server/kernel/errors'
import { RESOURCE_TYPES } from '@/server/kernel/resource-id'
import type { DatabaseView, ServerView } from '@/server/postgres/contract'
import { createDatabase, deleteDatabase, listDatabases } from '@/server/postgres/service'
import { readBody } from '../request'
import { type ArmCall, type ArmReply, list, route } from '../route'
import { invalid } from './server-body'
import { depsOf, requireServerOf } from './servers'

const databaseBody = z.object({
  properties: z.object({ charset: z.string().nullish(), collation: z.string().nullish() }).nullish(),
})

const shape = (server: ServerView) => (database: DatabaseView) => ({
  id: `${server.id}/databases/${database.name}`,
  name: database.name,
  type: `${RESOURCE_TYPES.server}/databases`,
  properties: { charset: database.charset, collation: database.collation },
})

async function get(call: ArmCall): Promise<ArmReply> {
  const server = await requireServerOf(call)
  const found = (await listDatabases(call.ctx, depsOf(call), server.id)).find((d) => d.name === call.params.d)
  if (found) return { body: shape(server)(found) }
  throw new AppError('ResourceNotFound', {
    publicMessage: `The requested resource of type '${RESOURCE_TYPES.server}/databases' with name '${call.params.d}' was not found.`,
  })
}

async function put(call: ArmCall): Promise<ArmReply> {
  const server = await requireServerOf(call)
  const { properties } = await readBody(call.request, databaseBody)
  if (properties?.charset && !/^utf-?8$/i.test(properties.charset)) throw invalid('The charset of a database is UTF8.')
  // SIMULATED: text sorts by code point whatever collation is asked for; the answer says so.
  const input = { serverId: server.id, name: call.params.d! }
  const { created, database } = await createDatabase(call.ctx, depsOf(call), input)
  return { status: created ? 201 : 200, body: shape(server)(database) }
}

async function remove(call: ArmCall): Promise<ArmReply> {
  const server = await requireServerOf(call)
  const input = { serverId: server.id, name: call.params.d! }
  return (await deleteDatabase(call.ctx, depsOf(call), input)) ? {} : { status: 204 }
}

const DATABASES = `/subscriptions/{s}/resourceGroups/{g}/providers/${RESOURCE_TYPES.server}/{n}/databases`

export const databaseRoutes = [
  route('GET', DATABASES, async (call) => {
    const server = await requireServerOf(call)
    return list((await listDatabases(call.ctx, depsOf(call), server.id)).map(shape(server)))
  }),
  route('GET', `${DATABASES}/{d}`, get),
  route('PUT', `${DATABASES}/{d}`, put),
  route('DELETE', `${DATABASES}/{d}`, remove),
]
