import { DateTime } from 'luxon'
import { recordActivity } from '@/server/activity/service'
import type { AgendaHandler } from '@/server/clock/model'
import { dueAtOf, schedule } from '@/server/clock/service'
import type { KeyAccess } from '@/server/encryption/model'
import { listCurrentEnvelopes, rewrapServer } from '@/server/encryption/service'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { isAppError } from '@/server/kernel/errors'
import { probeGroupKey, probeServer } from './key-access'
import {
  isVersionless,
  type KeyAccessVerdict,
  keyUses,
  type ServerRecord,
  type ServerState,
  SWEEP_PERIOD_MINUTES,
} from './model'
import * as store from './store'
import { applyVerdict } from './transitions'

const WATCHED: ServerState[] = ['Ready', 'Inaccessible', 'Stopped']
const AGENDA = { kind: 'key-access-sweep', key: 'all servers' } as const

/** Plans the sweep when the tenant gets its first server; a planned one stays. */
export async function ensureSweepPlanned(ctx: Ctx): Promise<void> {
  if (await dueAtOf(ctx, AGENDA.kind, AGENDA.key)) return
  await planNext(ctx)
}

export const nextSweepAt = (ctx: Ctx): Promise<Date | null> => dueAtOf(ctx, AGENDA.kind, AGENDA.key)

const planNext = (ctx: Ctx) =>
  schedule(ctx, { ...AGENDA, dueAt: DateTime.fromJSDate(ctx.now).plus({ minutes: SWEEP_PERIOD_MINUTES }).toJSDate() })

/**
 * Re-checks every server's key access and adopts new versions of version-less keys. Runs every SWEEP_PERIOD_MINUTES of
 * virtual time, so that a lost key makes its servers Inaccessible, and a returned one makes them Ready, within 60 minutes.
 */
export const keyAccessSweep =
  (keyAccess: KeyAccess): AgendaHandler =>
  async (itemCtx) => {
    const ctx = { ...itemCtx, principal: SERVICE_PRINCIPAL }
    const servers = await store.listServers(ctx.db, ctx.tenantId, { states: WATCHED })
    const verdicts = await sweep(ctx, keyAccess, servers)
    return async (tx) => {
      for (const [serverId, verdict] of verdicts)
        await applyVerdict({ ...tx, principal: SERVICE_PRINCIPAL }, serverId, verdict)
      await planNext(tx)
    }
  }

/** One probe for each group of servers that share identity and key version; the verdict is theirs all. */
async function sweep(ctx: Ctx, keyAccess: KeyAccess, servers: ServerRecord[]): Promise<Map<string, KeyAccessVerdict>> {
  await adoptNewVersions(
    ctx,
    keyAccess,
    servers.filter((s) => s.state === 'Ready'),
  )
  const kids: Record<string, string> = {}
  for (const e of await listCurrentEnvelopes(
    ctx,
    servers.map((s) => s.id),
  ))
    kids[`${e.serverId}|${e.role}`] = e.kid
  const groups = new Map<string, ServerRecord[]>()
  for (const server of servers) {
    const key = probeGroupKey(server, kids)
    groups.set(key, [...(groups.get(key) ?? []), server])
  }
  const verdicts = new Map<string, KeyAccessVerdict>()
  for (const group of groups.values()) {
    const verdict = await probeServer(ctx, keyAccess, group[0]!)
    for (const server of group) verdicts.set(server.id, forServer(verdict, server, group[0]!))
  }
  return verdicts
}

/** The group's verdict in the words of one of its servers. */
const forServer = (verdict: KeyAccessVerdict, server: ServerRecord, probed: ServerRecord): KeyAccessVerdict =>
  verdict.accessible ? verdict : { ...verdict, message: verdict.message.replace(probed.name, server.name) }

/** Rewraps servers on version-less keys whose current version is newer than the one that wraps them. */
async function adoptNewVersions(ctx: Ctx, keyAccess: KeyAccess, servers: ServerRecord[]): Promise<void> {
  for (const server of servers) {
    if (server.busyOperationId) continue
    for (const use of keyUses(server)) {
      if (!isVersionless(use.keyUri)) continue
      try {
        const wrapper = await keyAccess.wrapperFor(ctx, use.identity)
        const before = (await listCurrentEnvelopes(ctx, [server.id])).find((e) => e.role === use.role)
        const after = await rewrapServer(
          ctx,
          { serverId: server.id, role: use.role, keyUri: use.keyUri },
          wrapper,
          wrapper,
        )
        if (before && before.kid !== after.kid) await recordAdoption(ctx, server, before.kid, after.kid)
      } catch (error) {
        // The old version may still do; the probe that follows decides, and the next sweep tries again.
        if (!isAppError(error)) throw error
      }
    }
  }
}

async function recordAdoption(ctx: Ctx, server: ServerRecord, from: string, to: string): Promise<void> {
  await transact(ctx, (tx) =>
    recordActivity(tx, {
      operationName: 'Microsoft.DBforPostgreSQL/flexibleServers/write',
      resourceId: server.id,
      status: 'Succeeded',
      description: `${server.name} adopted a new key version; its data encryption key was wrapped anew.`,
      properties: { from, to },
    }),
  )
}

/** Checks one server at once. SIMULATED: Azure has no such button. */
export async function checkServerNow(ctx: Ctx, keyAccess: KeyAccess, server: ServerRecord): Promise<KeyAccessVerdict> {
  const service = { ...ctx, principal: SERVICE_PRINCIPAL }
  const verdict = (await sweep(service, keyAccess, [server])).get(server.id)!
  await transact(service, (tx) => applyVerdict(tx, server.id, verdict))
  return verdict
}
