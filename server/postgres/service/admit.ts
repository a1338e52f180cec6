import { recordActivity } from '@/server/activity/service'
import type { Endpoint } from '@/server/dataplane/model'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { isAppError } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import { judgeConnection, type Refusal, refusalOfState } from '../admission'
import { type ServerDeps, wakeServer } from '../data-plane'
import { checkServerNow } from '../key-access.sweep'
import type { ServerRecord } from '../model'
import * as store from '../store'

/** All other codes are the key store's. */
const OF_THE_DATA_PLANE: readonly string[] = ['DataPlaneUnavailable', 'SealedStorageUnusable']

export type Admission = { admitted: true; server: ServerRecord; endpoint: Endpoint } | ({ admitted: false } & Refusal)

/** The server of a name in the whole cloud, with its tenant; null when there is none. */
export const findServerByName = (db: Ctx['db'], name: string): Promise<ServerRecord | null> =>
  store.findServer(db, { name })

/**
 * Decides on one connection: the firewall first, then the server's state; then the database is opened, by a real unwrap
 * when it sleeps. An unwrap that fails is a verdict on the server's key access, and the state follows it at once.
 */
export async function admitConnection(
  ctx: Ctx,
  deps: ServerDeps,
  server: ServerRecord,
  client: { address: string; user: string; database: string },
): Promise<Admission> {
  const rules = await store.listFirewallRules(ctx.db, [server.id])
  const refusal = judgeConnection(server, rules, client)
  if (refusal) {
    if (server.state === 'Inaccessible') await recordDenied(ctx, server, client.address)
    return { admitted: false, ...refusal }
  }
  try {
    return { admitted: true, server, endpoint: await wakeServer(ctx, deps, server) }
  } catch (error) {
    if (!isAppError(error)) throw error
    if (!OF_THE_DATA_PLANE.includes(error.code)) {
      await checkServerNow(ctx, deps.keyAccess, server)
      const now = (await store.findServer(ctx.db, { id: server.id })) ?? server
      if (now.state === 'Inaccessible') {
        await recordDenied(ctx, now, client.address)
        return { admitted: false, ...refusalOfState(now)! }
      }
    }
    return { admitted: false, sqlState: '57P03', message: error.publicMessage }
  }
}

/** The first refused connection of each time of being Inaccessible: what makes it known that somebody is affected. */
async function recordDenied(ctx: Ctx, server: ServerRecord, address: string): Promise<void> {
  if (server.firstDeniedAt) return
  await transact({ ...ctx, principal: SERVICE_PRINCIPAL }, async (tx) => {
    const locked = await store.lockServer(tx.db, server.id)
    if (locked?.state !== 'Inaccessible' || locked.firstDeniedAt) return
    await store.updateServer(tx.db, server.id, { firstDeniedAt: tx.now })
    await recordActivity(tx, {
      operationName: 'Microsoft.Resourcehealth/healthevent/Updated/action',
      category: 'ResourceHealth',
      resourceId: server.id,
      status: 'Active',
      level: 'Critical',
      description: `${server.name} refused its first connection since it became Inaccessible.`,
      properties: { currentHealthStatus: 'Unavailable', clientAddress: address },
    })
    await announce(tx.db, { tenantId: server.tenantId, topic: 'servers' })
  })
}
