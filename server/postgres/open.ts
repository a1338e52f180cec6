import type { Endpoint } from '@/server/dataplane/model'
import { asSuperuser, clusterStatus, endpointOf } from '@/server/dataplane/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import { monotonicMs, realNowMs, realSleep } from '@/server/kernel/time'
import { type ServerDeps, wakeServer } from './data-plane'
import type { ServerRecord } from './model'
import * as store from './store'

const WAKE_TIMEOUT_MS = 20_000
const POLL_MS = 50

/** Opens a server's database unless it is open. @throws AppError `ServerIsNotReady`, `DataPlaneUnavailable`. */
export type OpenDatabase = (ctx: Ctx, server: ServerRecord) => Promise<Endpoint>

/** By an engine itself; an unwrap that fails throws the key store's reason. */
export const openHere =
  (deps: ServerDeps): OpenDatabase =>
  (ctx, server) =>
    wakeServer(ctx, deps, server)

/** By asking an engine, and waiting until the database takes connections: for processes that run none. */
export const openByEngine =
  (dataDir: string): OpenDatabase =>
  async (ctx, server) => {
    const status = () => clusterStatus(dataDir, server.id).state
    const endpoint = endpointOf(dataDir, server.id)
    if (server.state !== 'Ready')
      throw new AppError('ServerIsNotReady', {
        publicMessage: `The server is ${server.state}: its database is not open.`,
      })
    if (status() === 'None')
      throw new AppError('DataPlaneUnavailable', { publicMessage: 'This server has no database in this installation.' })
    const deadline = monotonicMs() + WAKE_TIMEOUT_MS
    if (status() !== 'Awake') {
      await transact(ctx, async (tx) => {
        await store.updateServer(tx.db, server.id, { wakeAskedMs: BigInt(realNowMs()) })
        await announce(tx.db, { tenantId: server.tenantId, topic: 'servers' })
      })
    }
    while (!(status() === 'Awake' && (await answers(endpoint)))) {
      if (monotonicMs() > deadline)
        throw new AppError('DataPlaneUnavailable', { publicMessage: 'The database did not open in time. Try again.' })
      await realSleep(POLL_MS)
    }
    return endpoint
  }

const answers = (endpoint: Endpoint): Promise<boolean> =>
  asSuperuser(endpoint, (client) => client.query('SELECT 1')).then(
    () => true,
    () => false,
  )
