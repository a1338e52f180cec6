import { DateTime } from 'luxon'
import type { AgendaHandler } from '@/server/clock/model'
import { dueAtOf, openContext, schedule } from '@/server/clock/service'
import type { KeyAccess } from '@/server/encryption/model'
import { listCurrentEnvelopes } from '@/server/encryption/service'
import { readTenantSettings } from '@/server/identity/service'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { stableFraction } from '@/server/kernel/ids'
import { inParallel } from '@/server/kernel/parallel'
import { busyStore, type ProbeResult, type Probing, probeUse, type Sample, startProbing } from './key-access'
import { adoptNewVersions } from './key-access-rewrap'
import {
  type KeyAccessVerdict,
  type KeyUse,
  type ServerRecord,
  SWEEP_JITTER_MINUTES,
  SWEEP_PERIOD_MINUTES,
  WATCHED_STATES,
} from './model'
import * as serverStore from './store'
import * as store from './store/key-access'
import { applyVerdicts } from './transitions'

const KIND = 'key-access-sweep'
/** Servers and standbys have turns of their own, so that what happens in between meets one before the other. */
const TURNS = { server: 'all servers', standby: 'all standbys' } as const satisfies Record<store.Member, string>
const PROBES_AT_ONCE = 8
const SAMPLES_AT_ONCE = 500

/** Plans the sweeps when the tenant gets its first server and its first standby; planned ones stay. */
export async function ensureSweepPlanned(ctx: Ctx): Promise<void> {
  if (!(await nextSweepAt(ctx, 'server'))) await planNext(ctx, 'server')
  if (!(await nextSweepAt(ctx, 'standby')) && (await store.anyStandby(ctx.db, ctx.tenantId, WATCHED_STATES)))
    await planNext(ctx, 'standby', SWEEP_PERIOD_MINUTES / 2)
}

export const nextSweepAt = (ctx: Ctx, member: store.Member = 'server'): Promise<Date | null> =>
  dueAtOf(ctx, KIND, TURNS[member])

/** A little before the period is over, differently each time and for each tenant, yet the same in every replay. */
const planNext = (ctx: Ctx, member: store.Member, period = SWEEP_PERIOD_MINUTES) => {
  const jitter = SWEEP_JITTER_MINUTES * stableFraction(`${ctx.tenantId} ${member} ${ctx.now.toISOString()}`)
  const minutes = Math.floor(period - jitter)
  return schedule(ctx, {
    kind: KIND,
    key: TURNS[member],
    dueAt: DateTime.fromJSDate(ctx.now).plus({ minutes }).toJSDate(),
  })
}

type Retry = { scope: store.CheckScope; attempt: number }

/**
 * Re-checks key access and adopts new versions of version-less keys. The servers' turn and that of their standbys each
 * come every SWEEP_PERIOD_MINUTES of virtual time, so that a lost key makes its servers Inaccessible, and a returned one
 * makes them Ready, within 60 minutes; other items are about some servers only: a change that concerns them, or a key store that was too busy.
 */
export const keyAccessSweep =
  (keyAccess: KeyAccess): AgendaHandler =>
  async (itemCtx, item) => {
    // What was missed while no engine ran is made up for once, by the present.
    const present = await openContext({ ...itemCtx, principal: SERVICE_PRINCIPAL })
    const ctx = present.now > itemCtx.now ? present : { ...itemCtx, principal: SERVICE_PRINCIPAL }
    const turn = (Object.keys(TURNS) as store.Member[]).find((member) => TURNS[member] === item.key)
    const { scope, attempt } = { scope: { member: turn }, attempt: 0, ...(item.payload as Partial<Retry>) }
    const found = await sweep(ctx, keyAccess, scope)
    return async (tx) => {
      const at = { ...tx, now: ctx.now, principal: SERVICE_PRINCIPAL }
      await applyVerdicts(at, scope, found.verdicts)
      await planRetries(at, found.throttled, attempt)
      if (turn === 'server' || (turn && found.servers > 0)) await planNext(at, turn)
      if (turn === 'server') await ensureSweepPlanned(at)
      await planDate(at, found.nextDate)
    }
  }

/** A busy key store is asked again when it said so, later and later while it stays busy. Its servers stay as they are. */
async function planRetries(tx: Ctx, throttled: Throttled[], attempt: number): Promise<void> {
  const waits = new Map<string, number>()
  for (const { storeName, retryAfterSeconds } of throttled)
    waits.set(storeName, Math.max(waits.get(storeName) ?? 0, retryAfterSeconds))
  for (const [storeName, seconds] of waits) {
    const backedOff = Math.min(seconds * 2 ** attempt, SWEEP_PERIOD_MINUTES * 60)
    const spread = 1 + stableFraction(`${storeName} ${tx.now.toISOString()}`) / 4
    const payload: Retry = { scope: { storeName }, attempt: attempt + 1 }
    const dueAt = new Date(tx.now.getTime() + Math.ceil(backedOff * spread) * 1000)
    await schedule(tx, { kind: KIND, key: `busy store ${storeName}`, dueAt, payload })
  }
}

/** Where changes are noticed at once, keys that expire or become active are so too. */
async function planDate(tx: Ctx, at: Date | null): Promise<void> {
  if (!at || (await readTenantSettings(tx)).keyChangeDetection !== 'immediate') return
  await schedule(tx, { kind: KIND, key: 'date of a key', dueAt: at })
}

type Throttled = { storeName: string; retryAfterSeconds: number }
export type SweepResult = {
  verdicts: store.UnitVerdict[]
  throttled: Throttled[]
  servers: number
  nextDate: Date | null
}

const linksOf = (ctx: Ctx, scope: store.CheckScope) => ({ tenantId: ctx.tenantId, states: WATCHED_STATES, scope })

/** One probe for each unit of servers that share identity and key version; the verdict is theirs all. Writes nothing but rewraps. */
export async function sweep(ctx: Ctx, keyAccess: KeyAccess, scope: store.CheckScope): Promise<SweepResult> {
  const probing = startProbing(ctx, keyAccess)
  const where = linksOf(ctx, scope)
  // The data key is wrapped anew for both, in the servers' turn.
  if (scope.member !== 'standby') await adoptNewVersions(probing, where)
  const units = await store.listProbeUnits(ctx.db, where, ctx.now.toISOString())
  const servers = units.reduce((n, unit) => n + unit.servers, 0)
  const result: SweepResult = { verdicts: [], throttled: [], servers, nextDate: null }
  for (let i = 0; i < units.length; i += SAMPLES_AT_ONCE) {
    const batch = units.slice(i, i + SAMPLES_AT_ONCE)
    const samples = await loadSamples(ctx, batch)
    await inParallel(batch, PROBES_AT_ONCE, async (unit) => {
      const { found, damaged } = await probeUnit(probing, where, unit, samples(unit.sampleId, unit.role))
      result.verdicts.push(...damaged)
      if (!('throttled' in found)) result.verdicts.push({ unit: unit.unit, verdict: found })
      else result.throttled.push({ storeName: storeNameOf(unit), retryAfterSeconds: found.retryAfterSeconds })
    })
  }
  return { ...result, nextDate: probing.nextDate() }
}

const storeNameOf = (unit: store.ProbeUnit): string => new URL(unit.kid ?? unit.keyUri).hostname.split('.')[0]!

async function loadSamples(ctx: Ctx, units: { sampleId: string }[]) {
  const ids = [...new Set(units.map((unit) => unit.sampleId))]
  const [envelopes, verifiers] = await Promise.all([
    listCurrentEnvelopes(ctx, ids),
    store.sealedVerifiersOf(ctx.db, ids),
  ])
  const byServer = new Map(envelopes.map((e) => [`${e.serverId}|${e.role}`, e]))
  return (serverId: string, role: KeyUse['role']): Sample => ({
    serverId,
    envelope: byServer.get(`${serverId}|${role}`) ?? null,
    sealedVerifier: verifiers.get(serverId) ?? null,
  })
}

const keyUseOf = ({ role, keyUri, identityId, principalId }: store.ProbeUnit): KeyUse => ({
  role,
  keyUri,
  identity: identityId ? { identityId, principalId } : null,
})

/** A damaged envelope says nothing of the others: then one after the other is opened until one does. */
async function probeUnit(
  probing: Probing,
  where: ReturnType<typeof linksOf>,
  unit: store.ProbeUnit,
  sample: Sample,
): Promise<{ found: ProbeResult; damaged: store.UnitVerdict[] }> {
  const damaged: store.UnitVerdict[] = []
  let found = await probeUse(probing, keyUseOf(unit), sample)
  if (!isDamage(found) || unit.servers === 1) return { found, damaged }
  for (const serverId of await store.listUnitMembers(probing.ctx.db, where, unit.unit)) {
    const samples = await loadSamples(probing.ctx, [{ sampleId: serverId }])
    found = await probeUse(probing, keyUseOf(unit), samples(serverId, unit.role))
    if (!isDamage(found)) break
    // From now on the server is a unit of its own, with a verdict of its own.
    const standby = where.scope.member === 'standby'
    await serverStore.updateServer(
      probing.ctx.db,
      serverId,
      standby ? { standbyKeyAccess: found } : { keyAccess: found },
    )
    damaged.push({ unit: `${unit.unit}|${serverId}`, verdict: found })
  }
  return { found, damaged }
}

const isDamage = (found: ProbeResult): found is Exclude<KeyAccessVerdict, { accessible: true }> =>
  !('throttled' in found) && !found.accessible && found.cause === 'EnvelopeCorrupt'

/**
 * Checks some servers, or all of them, at once. SIMULATED: Azure has no such button.
 * @throws AppError `Throttled` when a key store gave no answer for now.
 */
export async function checkNow(
  ctx: Ctx,
  keyAccess: KeyAccess,
  scope: store.CheckScope,
): Promise<{ servers: number; probes: number }> {
  const service = { ...ctx, principal: SERVICE_PRINCIPAL }
  const found = await sweep(service, keyAccess, scope)
  await transact(service, async (tx) => {
    await applyVerdicts(tx, scope, found.verdicts)
    await planRetries(tx, found.throttled, 0)
  })
  if (found.throttled[0]) throw busyStore(found.throttled[0].retryAfterSeconds)
  return { servers: found.servers, probes: found.verdicts.length }
}

/** Checks one server at once, by its own envelope. */
export async function checkServerNow(ctx: Ctx, keyAccess: KeyAccess, server: ServerRecord): Promise<KeyAccessVerdict> {
  await checkNow(ctx, keyAccess, { serverId: server.id })
  const { keyAccess: verdict } = (await serverStore.findServer(ctx.db, { id: server.id })) ?? server
  return verdict!
}
