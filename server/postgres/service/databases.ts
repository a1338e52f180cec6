import { recordActivity } from '@/server/activity/service'
import type { Endpoint } from '@/server/dataplane/model'
import * as inside from '@/server/dataplane/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { type CreateDatabaseInput, type DatabaseView, databaseName } from '../contract'
import { type ServerDeps, wakeServer } from '../data-plane'
import type { ServerRecord } from '../model'
import { refuseByState, requireServer } from './change-server'

const DATABASES = 'Microsoft.DBforPostgreSQL/flexibleServers/databases'

/**
 * The databases of a server, by name. A sleeping server is woken for it, by a real unwrap.
 * @throws AppError `AuthorizationFailed`, `ResourceNotFound`, `ServerIsNotReady`, `DataPlaneUnavailable`.
 */
export async function listDatabases(ctx: Ctx, deps: ServerDeps, serverId: string): Promise<DatabaseView[]> {
  const { endpoint } = await open(ctx, deps, { serverId, action: `${DATABASES}/read` })
  return inside.asSuperuser(endpoint, inside.listDatabases)
}

/** Creates a database that belongs to the administrator; one that is there already stays. @throws also `InvalidParameterValue`. */
export async function createDatabase(
  ctx: Ctx,
  deps: ServerDeps,
  { serverId, name }: CreateDatabaseInput,
): Promise<{ created: boolean; database: DatabaseView }> {
  const action = `${DATABASES}/write`
  const parsed = databaseName.safeParse(name)
  if (!parsed.success)
    throw new AppError('InvalidParameterValue', { publicMessage: parsed.error.issues[0]!.message, field: 'name' })
  const { server, endpoint } = await open(ctx, deps, { serverId, action })
  return inside.asSuperuser(endpoint, async (client) => {
    const find = async () => (await inside.listDatabases(client)).find((d) => d.name === name)
    const existing = await find()
    if (existing) return { created: false, database: existing }
    await inside.createDatabase(client, name, server.adminLogin)
    await tell(ctx, server, action, `The database ${name} of ${server.name} was created.`)
    return { created: true, database: (await find())! }
  })
}

/** Deletes a database and ends the sessions in it; false when there is none. @throws also `Conflict` for the service's own. */
export async function deleteDatabase(
  ctx: Ctx,
  deps: ServerDeps,
  { serverId, name }: CreateDatabaseInput,
): Promise<boolean> {
  const action = `${DATABASES}/delete`
  const { server, endpoint } = await open(ctx, deps, { serverId, action })
  return inside.asSuperuser(endpoint, async (client) => {
    const existing = (await inside.listDatabases(client)).find((d) => d.name === name)
    if (!existing) return false
    if (existing.system)
      throw new AppError('Conflict', { publicMessage: `The database ${name} belongs to the service and stays.` })
    await inside.dropDatabase(client, name)
    await tell(ctx, server, action, `The database ${name} of ${server.name} was deleted.`)
    return true
  })
}

async function open(
  ctx: Ctx,
  deps: ServerDeps,
  { serverId, action }: { serverId: string; action: string },
): Promise<{ server: ServerRecord; endpoint: Endpoint }> {
  const server = await requireServer(ctx, serverId)
  await authorize(ctx, action, server.id)
  refuseByState(server, 'manageDatabases')
  return { server, endpoint: await wakeServer(ctx, deps, server) }
}

const tell = (ctx: Ctx, server: ServerRecord, operationName: string, description: string): Promise<unknown> =>
  recordActivity(ctx, { operationName, resourceId: server.id, status: 'Succeeded', description })
