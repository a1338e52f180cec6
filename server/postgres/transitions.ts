import { recordActivity } from '@/server/activity/service'
import type { Ctx } from '@/server/kernel/context'
import { invariant } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import { CAUSES, canMove, type KeyAccessVerdict, type ServerRecord, type ServerState } from './model'
import * as store from './store'

/** Moves a server to another state and writes down why; in the caller's transaction. */
export async function moveServer(
  tx: Ctx,
  server: ServerRecord,
  to: ServerState,
  cause: { title: string; [k: string]: unknown } | null,
): Promise<void> {
  if (server.state === to) return
  invariant(canMove(server.state, to), `a server cannot go from ${server.state} to ${to}`)
  await store.updateServer(tx.db, server.id, { state: to, stateSince: tx.now })
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
 * Writes a key-access verdict down and lets the state follow it. A verdict that repeats the cause keeps its `since`.
 * Servers with an operation under way are left to it.
 */
export async function applyVerdict(tx: Ctx, serverId: string, verdict: KeyAccessVerdict): Promise<void> {
  const server = await store.lockServer(tx.db, serverId)
  if (!server || server.busyOperationId) return
  const before = server.keyAccess
  const repeated = !verdict.accessible && before && !before.accessible && before.cause === verdict.cause
  const kept: KeyAccessVerdict = repeated ? { ...verdict, since: before.since } : verdict
  await store.updateServer(tx.db, serverId, { keyAccess: kept, keyCheckedAt: tx.now })
  await announce(tx.db, { tenantId: server.tenantId, topic: 'servers' })
  if (!kept.accessible && server.state === 'Ready') await fall(tx, server, kept)
  else if (kept.accessible && server.state === 'Inaccessible') await recover(tx, server)
}

/** The event names of state changes by key access. SIMULATED: no public text gives the real ones; they are kept here alone. */
export const KEY_ACCESS_EVENT = 'Microsoft.Resourcehealth/healthevent/Activated/action'
export const KEY_ACCESS_RESOLVED_EVENT = 'Microsoft.Resourcehealth/healthevent/Resolved/action'

async function fall(
  tx: Ctx,
  server: ServerRecord,
  verdict: Extract<KeyAccessVerdict, { accessible: false }>,
): Promise<void> {
  await moveServer(tx, server, 'Inaccessible', {
    title: CAUSES[verdict.cause].title,
    cause: verdict.cause,
    evidence: verdict.evidence,
  })
  await recordActivity(tx, {
    operationName: KEY_ACCESS_EVENT,
    category: 'ResourceHealth',
    resourceId: server.id,
    status: 'Active',
    level: 'Critical',
    description: `${server.name} is Inaccessible: ${verdict.message}`,
    properties: {
      currentHealthStatus: 'Unavailable',
      previousHealthStatus: 'Available',
      cause: 'UserInitiated',
      keyAccessCause: verdict.cause,
      evidence: verdict.evidence,
    },
  })
}

async function recover(tx: Ctx, server: ServerRecord): Promise<void> {
  await moveServer(tx, server, 'Ready', { title: 'The key can be used again' })
  await recordActivity(tx, {
    operationName: KEY_ACCESS_RESOLVED_EVENT,
    category: 'ResourceHealth',
    resourceId: server.id,
    status: 'Resolved',
    level: 'Informational',
    description: `${server.name} is Ready again: its key can be used.`,
    properties: { currentHealthStatus: 'Available', previousHealthStatus: 'Unavailable' },
  })
}
