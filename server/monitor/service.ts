import { listActivity } from '@/server/activity/service'
import { ACTIVITY_READ } from '@/server/identity/model'
import { readableScopes } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import type { Db } from '@/server/kernel/db'
import type { ServerView } from '@/server/postgres/contract'
import { CAUSES, type KeyAccessVerdict, SERVER_STATES, type ServerState } from '@/server/postgres/model'
import { listServers } from '@/server/postgres/service'
import type { BellItem, BrokenKeyAccess, FleetServerView, FleetView } from './contract'
import { notificationsFrom } from './rules'
import * as store from './store'

export type PortalTenant = { id: string; name: string; domain: string }

const BELL_ENTRIES = 40

/** The tenant that the portal serves, or null when none was seeded. */
export const seededTenant = (db: Db): Promise<PortalTenant | null> => store.findSeededTenant(db)

/** Real milliseconds since the epoch at which an engine last said that it lives; null when none ever did. */
export const newestHeartbeatMs = (db: Db): Promise<number | null> => store.findNewestHeartbeatMs(db)

/** The servers that the person may read, with the verdict of their last key-access check. */
export async function fleetHealth(ctx: Ctx): Promise<FleetView> {
  const servers = (await listServers(ctx)).map(toFleetServer)
  const counts = Object.fromEntries(SERVER_STATES.map((s) => [s, 0])) as Record<ServerState, number>
  for (const server of servers) counts[server.state]++
  return { servers, counts }
}

function toFleetServer(server: ServerView): FleetServerView {
  const { id, name, location, resourceGroup, subscriptionId, state, stateSince, createdAt, encryption } = server
  const key = encryption.type === 'AzureKeyVault' ? encryption.primary : null
  return {
    ...{ id, name, location, resourceGroup, subscriptionId, state, stateSince, createdAt },
    encryption: encryption.type,
    keyUri: key?.keyUri ?? null,
    identityName: key?.identityName ?? null,
    identityPrincipalId: key?.principalId ?? null,
    broken: brokenLink(encryption.keyAccess),
    standby: server.standby && {
      state: server.standby.state,
      broken: brokenLink(server.standby.keyAccess),
      lastCheckAt: encryption.members.find((m) => m.member === 'standby')?.checkedAt ?? null,
    },
    lastCheckAt: encryption.checkedAt,
    nextCheckAt: encryption.nextCheckAt,
  }
}

function brokenLink(verdict: KeyAccessVerdict | null): BrokenKeyAccess | null {
  if (!verdict || verdict.accessible) return null
  const { title, wayOut } = CAUSES[verdict.cause]
  const { broken, cause, message, since, evidence } = verdict
  return { link: broken, cause, title, message, wayOut, since, evidence }
}

/** The bell of the signed-in person: what happened lately at scopes that they may read. */
export async function notifications(ctx: Ctx): Promise<{ items: BellItem[]; newestSeq: number }> {
  const scopes = await readableScopes(ctx, ACTIVITY_READ)
  const [events, seenSeq] = await Promise.all([
    listActivity(ctx, { scopes, limit: BELL_ENTRIES }),
    store.findSeenSeq(ctx.db, ctx.principal.objectId),
  ])
  return { items: notificationsFrom(events, seenSeq), newestSeq: events[0]?.seq ?? 0 }
}

/** Remembers up to which entry of the activity log the person has looked. */
export const markNotificationsSeen = (ctx: Ctx, seq: number): Promise<void> =>
  store.saveSeenSeq(ctx.db, ctx.principal.objectId, seq)

export { expiryHorizon, fleetTiles, swimlanes } from './service/fleet'
export { fleetGauges } from './service/gauges'
export { healthOfAll, resourceHealth } from './service/health'
