import { asSuperuser, countSessions, type DataPlane } from '@/server/dataplane/service'
import type { Ctx } from '@/server/kernel/context'
import { log } from '@/server/kernel/log'
import { realSleep } from '@/server/kernel/time'
import { MAY_RUN, type Refusal, refusalOfState } from './admission'
import { type ServerDeps, wakeServer } from './data-plane'
import type { ServerRecord } from './model'
import * as store from './store'

/** Time for the last words to clients before their database is killed. */
const LAST_WORDS_MS = 50

/** Sessions that a gateway holds. */
export type Sessions = { serversInUse(): string[]; endSessions(serverId: string, why: Refusal): void }

export type SweepInit = {
  db: Ctx['db']
  contextOf(tenantId: string): Promise<Ctx>
  deps: ServerDeps & { dataPlane: DataPlane }
  sessions: Sessions
  /** Real milliseconds without a session after which a database goes to sleep. */
  idleMs: number
}

/**
 * Brings databases in line with their servers' states: one whose server lost its key is killed after its clients were
 * told, so that the key is in no memory; one of a stopped or deleted server ends; one that nobody uses goes to sleep; one
 * that another process asked for is woken.
 */
export async function dataPlaneSweep(init: SweepInit): Promise<void> {
  const { db, deps, sessions } = init
  const ids = [...new Set([...deps.dataPlane.held(), ...sessions.serversInUse().map((id) => id.toLowerCase())])]
  const servers = new Map((await store.findServers(db, ids)).map((s) => [s.id.toLowerCase(), s]))
  await Promise.all(ids.map((id) => settle(init, id, servers.get(id) ?? null).catch(report)))
  for (const server of await store.listAskedForWaking(db)) await answerAsk(init, server).catch(report)
}

const report = (error: unknown) => log.error('a database could not be brought in line with its server', error)

async function settle({ deps, sessions, idleMs }: SweepInit, id: string, server: ServerRecord | null): Promise<void> {
  const { dataPlane } = deps
  if (!server || server.state === 'Dropping' || server.state === 'Inaccessible') {
    sessions.endSessions(server?.id ?? id, lastWords(server))
    await realSleep(LAST_WORDS_MS)
    return dataPlane.kill(id)
  }
  if (!MAY_RUN.includes(server.state)) {
    sessions.endSessions(server.id, lastWords(server))
    return dataPlane.stop(id)
  }
  if (server.state === 'Ready' && dataPlane.idleFor(idleMs).includes(id) && !server.busyOperationId) {
    const busy = await asSuperuser(dataPlane.endpoint(id), countSessions).catch(() => 0)
    if (busy === 0) await dataPlane.stop(id)
  }
}

/** SQLSTATE 57P01, as PostgreSQL's own when an administrator ends a session. */
function lastWords(server: ServerRecord | null): Refusal {
  const why = server && refusalOfState(server)
  const message = why ? `terminating connection: ${why.message}` : 'terminating connection: the server is gone'
  return { ...why, sqlState: '57P01', message }
}

async function answerAsk({ db, contextOf, deps }: SweepInit, server: ServerRecord): Promise<void> {
  try {
    if (server.state === 'Ready') await wakeServer(await contextOf(server.tenantId), deps, server)
  } finally {
    await store.updateServer(db, server.id, { wakeAskedMs: null })
  }
}
