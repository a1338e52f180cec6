import type { ActivityInput } from '@/server/activity/model'
import { recordActivities } from '@/server/activity/service'
import type { Ctx } from '@/server/kernel/context'
import { invariant } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import {
  CAUSES,
  canMove,
  KEY_ACCESS_MOVES,
  type ServerRecord,
  type ServerState,
  STANDBY_MOVES,
  type StandbyState,
  WATCHED_STATES,
} from './model'
import * as store from './store'
import { type CheckScope, insertStateChanges, type Moved, saveVerdicts, type UnitVerdict } from './store/key-access'

/** Moves a server to another state and writes down why; in the caller's transaction. */
export async function moveServer(
  tx: Ctx,
  server: ServerRecord,
  to: ServerState,
  cause: { title: string; [k: string]: unknown } | null,
): Promise<void> {
  if (server.state === to) return
  invariant(canMove(server.state, to), `a server cannot go from ${server.state} to ${to}`)
  await store.updateServer(tx.db, server.id, { state: to, stateSince: tx.now, firstDeniedAt: null })
  await store.insertStateChange(tx.db, {
    serverId: server.id,
    tenantId: server.tenantId,
    at: tx.now,
    from: server.state,
    to,
    cause,
    correlationId: tx.correlationId,
  })
  await announce(tx.db, { tenantId: server.tenantId, topic: 'servers' })
}

/**
 * Writes the verdicts of a check down and lets the states of servers and standbys follow them, for any number at once. A
 * verdict that repeats the cause keeps its `since`. Servers with an operation under way are left to it.
 */
export async function applyVerdicts(tx: Ctx, scope: CheckScope, verdicts: UnitVerdict[]): Promise<void> {
  const where = { tenantId: tx.tenantId, states: WATCHED_STATES, scope }
  const common = { tenantId: tx.tenantId, at: tx.now, correlationId: tx.correlationId }
  if (scope.member !== 'standby') {
    const moved = await saveVerdicts<ServerState>(tx.db, where, 'server', verdicts, tx.now, KEY_ACCESS_MOVES)
    await insertStateChanges(tx.db, 'server', common, moved.map(toStateChange))
    await recordActivities(tx, moved.map(toEvent))
  }
  if (scope.member !== 'server') {
    const moved = await saveVerdicts<StandbyState>(tx.db, where, 'standby', verdicts, tx.now, STANDBY_MOVES)
    await insertStateChanges(tx.db, 'standby', common, moved.map(toStateChange))
    // That the first check of a new standby went well is no news.
    const news = moved.filter(({ from, to }) => from !== 'CreatingStandby' || to !== 'Healthy')
    await recordActivities(tx, news.map(toStandbyEvent))
  }
  await announce(tx.db, { tenantId: tx.tenantId, topic: 'servers' })
}

const toStateChange = ({ id, from, to, verdict }: Moved<string>) => ({
  serverId: id,
  from,
  to,
  cause: verdict.accessible
    ? {
        title: from === 'CreatingStandby' ? 'The key can be used' : 'The key can be used again',
        evidence: { version: verdict.kid },
      }
    : { title: CAUSES[verdict.cause].title, cause: verdict.cause, evidence: verdict.evidence },
})

/** The event names of state changes by key access. SIMULATED: no public text gives the real ones; they are kept here alone. */
export const KEY_ACCESS_EVENT = 'Microsoft.Resourcehealth/healthevent/Activated/action'
export const KEY_ACCESS_RESOLVED_EVENT = 'Microsoft.Resourcehealth/healthevent/Resolved/action'

/**
 * A standby without its key degrades its server, whose own state is untouched. SIMULATED: Azure's wording is not public.
 * One that comes back before its server leaves it as unwell as it is.
 */
const toStandbyEvent = ({ id, name, verdict, serverState }: Moved<StandbyState>): ActivityInput =>
  verdict.accessible
    ? {
        operationName: KEY_ACCESS_RESOLVED_EVENT,
        category: 'ResourceHealth',
        resourceId: id,
        status: 'Resolved',
        level: 'Informational',
        description: `The standby of ${name} is Healthy again: its key can be used.`,
        properties: {
          member: 'standby',
          currentHealthStatus: serverState === 'Inaccessible' ? 'Degraded' : 'Available',
          previousHealthStatus: 'Degraded',
        },
      }
    : {
        operationName: KEY_ACCESS_EVENT,
        category: 'ResourceHealth',
        resourceId: id,
        status: 'Active',
        level: 'Warning',
        description: `High availability of ${name} is Degraded, its standby was refused: ${verdict.message}`,
        properties: {
          member: 'standby',
          currentHealthStatus: 'Degraded',
          previousHealthStatus: 'Available',
          cause: 'UserInitiated',
          keyAccessCause: verdict.cause,
          evidence: verdict.evidence,
        },
      }

const toEvent = ({ id, name, verdict }: Moved<ServerState>): ActivityInput =>
  verdict.accessible
    ? {
        operationName: KEY_ACCESS_RESOLVED_EVENT,
        category: 'ResourceHealth',
        resourceId: id,
        status: 'Resolved',
        level: 'Informational',
        description: `${name} is Ready again: its key can be used.`,
        properties: { currentHealthStatus: 'Available', previousHealthStatus: 'Unavailable' },
      }
    : {
        operationName: KEY_ACCESS_EVENT,
        category: 'ResourceHealth',
        resourceId: id,
        status: 'Active',
        level: 'Critical',
        description: `${name} is Inaccessible: ${verdict.message}`,
        properties: {
          currentHealthStatus: 'Unavailable',
          previousHealthStatus: 'Available',
          cause: 'UserInitiated',
          keyAccessCause: verdict.cause,
          evidence: verdict.evidence,
        },
      }
