import { recordActivity } from '@/server/activity/service'
import type { Endpoint } from '@/server/dataplane/model'
import * as inside from '@/server/dataplane/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import { canonicalValue, type ParameterView, parameterProblem, type SetParametersInput } from '../contract'
import type { ServerRecord } from '../model'
import type { OpenDatabase } from '../open'
import { parameterView } from '../parameters'
import { refuseByState, requireServer } from './change-server'
import { ACTIONS } from './read-servers'

const READ = 'Microsoft.DBforPostgreSQL/flexibleServers/configurations/read'

/**
 * The parameters of a server, by name. A sleeping one is woken for it, by a real unwrap.
 * @throws AppError `AuthorizationFailed`, `ResourceNotFound`, `ServerIsNotReady`, `DataPlaneUnavailable`.
 */
export async function listParameters(ctx: Ctx, open: OpenDatabase, serverId: string): Promise<ParameterView[]> {
  const { endpoint } = await openFor(ctx, open, { serverId, action: READ, during: 'anything' })
  return inside.asSuperuser(endpoint, async (client) => (await inside.listSettings(client)).map(parameterView))
}

/**
 * Sets parameters, or back to their defaults: all of them or none. Dynamic ones hold for every new session when this
 * answers, static ones from the next restart on. They lie in the sealed data folder, and so go with it into backups.
 * @returns all parameters as they are then.
 * @throws also `ServerIsBusy`, and `InvalidParameterValue` with messages by name, also for what PostgreSQL itself refuses.
 */
export async function setParameters(
  ctx: Ctx,
  open: OpenDatabase,
  { serverId, changes }: SetParametersInput,
): Promise<ParameterView[]> {
  const { server, endpoint } = await openFor(ctx, open, { serverId, action: ACTIONS.setParameters, during: 'nothing' })
  return inside.asSuperuser(endpoint, async (client) => {
    const list = async () => (await inside.listSettings(client)).map(parameterView)
    const before = new Map((await list()).map((parameter) => [parameter.name.toLowerCase(), parameter]))
    const wanted = changes.map(({ name, value }) => {
      const parameter = before.get(name.toLowerCase())
      if (!parameter) throw unknown(name)
      return { parameter, value: value === null ? null : canonicalValue(parameter, value) }
    })
    refuseFaults(wanted)
    await inside.setParameters(
      client,
      wanted.map(({ parameter, value }) => ({ name: parameter.name, value })),
    )
    await tell(ctx, server, wanted)
    return list()
  })
}

type Wanted = { parameter: ParameterView; value: string | null }

const unknown = (name: string) =>
  new AppError('ResourceNotFound', { publicMessage: `There is no server parameter ${name}.` })

function refuseFaults(wanted: Wanted[]): void {
  const fields: Record<string, string> = {}
  for (const { parameter, value } of wanted) {
    const { name, readOnlyReason } = parameter
    const problem = value === null ? null : parameterProblem(parameter, value)
    if (readOnlyReason) fields[name] = `The parameter ${name} is read-only. ${readOnlyReason}`
    else if (problem) fields[name] = `The value of ${name} is not allowed. ${problem}`
  }
  const [field, publicMessage] = Object.entries(fields)[0] ?? []
  if (field && publicMessage) throw new AppError('InvalidParameterValue', { publicMessage, field, fields })
}

/** One entry for each parameter, as Azure has one for each request. */
const tell = (ctx: Ctx, server: ServerRecord, wanted: Wanted[]): Promise<void> =>
  transact(ctx, async (tx) => {
    for (const { parameter, value } of wanted) {
      await recordActivity(tx, {
        operationName: ACTIONS.setParameters,
        resourceId: server.id,
        status: 'Succeeded',
        description: `The server parameter ${parameter.name} of ${server.name} was ${value === null ? `set back to its default ${parameter.defaultValue}` : `set to ${value}`}.`,
        properties: { parameter: parameter.name, before: parameter.value, after: value ?? parameter.defaultValue },
      })
    }
    await announce(tx.db, { tenantId: server.tenantId, topic: 'servers' })
  })

async function openFor(
  ctx: Ctx,
  open: OpenDatabase,
  { serverId, action, during }: { serverId: string; action: string; during: 'anything' | 'nothing' },
): Promise<{ server: ServerRecord; endpoint: Endpoint }> {
  const server = await requireServer(ctx, serverId)
  await authorize(ctx, action, server.id)
  refuseByState(during === 'anything' ? { ...server, busyOperationId: null } : server, 'setParameters')
  return { server, endpoint: await open(ctx, server) }
}
