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

/** The entry of one change; `previousHealthStatus` and what else `properties` say is the caller's to know. */
const healthEvent = (
  { id, verdict }: Moved<string>,
  level: ActivityInput['level'],
  description: string,
  properties: ActivityInput['properties'],
): ActivityInput => ({
  ...(verdict.accessible
    ? { operationName: KEY_ACCESS_RESOLVED_EVENT, status: 'Resolved', level: 'Informational' }
    : { operationName: KEY_ACCESS_EVENT, status: 'Active', level }),
  category: 'ResourceHealth',
  resourceId: id,
  description,
  properties: verdict.accessible
    ? properties
    : { ...properties, cause: 'UserInitiated', keyAccessCause: verdict.cause, evidence: verdict.evidence },
})

/**
 * A standby without its key degrades its server, whose own state is untouched. SIMULATED: Azure's wording is not public.
 * One that comes back before its server leaves it as unwell as it is.
 */
function toStandbyEvent(moved: Moved<StandbyState>): ActivityInput {
  const { name, verdict, serverState } = moved
  const well = verdict.accessible && serverState !== 'Inaccessible'
  const description = verdict.accessible
    ? `The standby of ${name} is Healthy again: its key can be used.`
    : `High availability of ${name} is Degraded, its standby was refused: ${verdict.message}`
  return healthEvent(moved, 'Warning', description, {
    member: 'standby',
    currentHealthStatus: well ? 'Available' : 'Degraded',
    previousHealthStatus: verdict.accessible ? 'Degraded' : 'Available',
  })
}

function toEvent(moved: Moved<ServerState>): ActivityInput {
  const { name, verdict } = moved
  const description = verdict.accessible
    ? `${name} is Ready again: its key can be used.`
    : `${name} is Inaccessible: ${verdict.message}`
  return healthEvent(moved, 'Critical', description, {
    currentHealthStatus: verdict.accessible ? 'Available' : 'Unavailable',
    previousHealthStatus: verdict.accessible ? 'Unavailable' : 'Available',
  })
}
