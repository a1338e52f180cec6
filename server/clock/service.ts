import type { Caller, Ctx, Principal } from '@/server/kernel/context'
import type { Custody } from '@/server/kernel/custody'
import { type Db, transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { realNowMs } from '@/server/kernel/time'
import type { ClockView } from './contract'
import { type AgendaKind, type ClockState, virtualNow } from './model'
import * as store from './store'

const IN_PROCESS: Caller = { address: '127.0.0.1' }

/**
 * Opens the context in which one call runs; its `now` is the tenant's virtual time and stays fixed.
 * @throws AppError `ResourceNotFound` when the tenant has no clock.
 */
export async function openContext(init: {
  db: Db
  custody: Custody
  tenantId: string
  principal: Principal
  caller?: Caller
  correlationId?: string
}): Promise<Ctx> {
  const clock = await store.findClock(init.db, init.tenantId)
  if (!clock) throw new AppError('ResourceNotFound', { publicMessage: `There is no tenant ${init.tenantId}.` })
  return {
    db: init.db,
    custody: init.custody,
    tenantId: init.tenantId,
    principal: init.principal,
    caller: init.caller ?? IN_PROCESS,
    correlationId: init.correlationId ?? newId(),
    now: new Date(virtualNow(clock, realNowMs())),
  }
}

/** Creates a tenant's clock; `startAt` is the virtual time it starts from. */
export async function createClock(db: Db, tenantId: string, startAt: Date, rate: number): Promise<void> {
  await store.saveClock(db, tenantId, {
    virtualMs: startAt.getTime(),
    realAnchorMs: realNowMs(),
    rate,
    advancingToMs: null,
    epoch: 0,
  })
}

/** Real time as a starting point for a new tenant's clock. */
export const wallClock = (): Date => new Date(realNowMs())

/** Reads the clock and what falls due next; `titles` names agenda kinds for people. */
export async function readClock(db: Db, tenantId: string, titles: Record<AgendaKind, string>): Promise<ClockView> {
  const clock = await store.findClock(db, tenantId)
  if (!clock) throw new AppError('ResourceNotFound', { publicMessage: `There is no tenant ${tenantId}.` })
  const next = await store.findNextItem(db, tenantId)
  return {
    now: new Date(virtualNow(clock, realNowMs())).toISOString(),
    rate: clock.rate,
    paused: clock.rate === 0,
    advancingTo: clock.advancingToMs === null ? null : new Date(clock.advancingToMs).toISOString(),
    nextEvent: next && { at: next.dueAt.toISOString(), kind: next.kind, title: titles[next.kind] },
  }
}

/** Virtual seconds for each real second; 0 while paused. */
export async function readRate(db: Db, tenantId: string): Promise<number> {
  return (await store.findClock(db, tenantId))?.rate ?? 0
}

async function change(ctx: Ctx, update: (clock: ClockState, nowMs: number) => ClockState): Promise<ClockState> {
  return transact(ctx, async (tx) => {
    const clock = await store.lockClock(tx.db, tx.tenantId)
    if (!clock) throw new AppError('ResourceNotFound', { publicMessage: `There is no tenant ${tx.tenantId}.` })
    const next = update(clock, virtualNow(clock, realNowMs()))
    await store.saveClock(tx.db, tx.tenantId, next)
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'clock' })
    return next
  })
}

/** Sets virtual seconds for each real second; 0 pauses. */
export async function setClockRate(ctx: Ctx, rate: number): Promise<void> {
  await change(ctx, (clock, nowMs) => ({ ...clock, rate, virtualMs: nowMs, realAnchorMs: realNowMs() }))
}

/**
 * Asks for an advance: the clock stops, an engine works through all that falls due in between, then the clock stands
 * at the target. A second request while one is under way moves the target further.
 * @returns the epoch at whose end the advance is done, for `isAdvanceDone`.
 */
export async function requestAdvance(ctx: Ctx, seconds: number): Promise<number> {
  const next = await change(ctx, (clock, nowMs) => ({
    ...clock,
    virtualMs: nowMs,
    advancingToMs: (clock.advancingToMs ?? nowMs) + seconds * 1000,
  }))
  return next.epoch + 1
}

/** Asks for an advance to the next thing that falls due; does nothing (null) when nothing is planned. */
export async function requestAdvanceToNext(ctx: Ctx): Promise<number | null> {
  const next = await store.findNextItem(ctx.db, ctx.tenantId)
  if (!next) return null
  const state = await change(ctx, (clock, nowMs) => ({
    ...clock,
    virtualMs: nowMs,
    advancingToMs: Math.max(clock.advancingToMs ?? nowMs, next.dueAt.getTime()),
  }))
  return state.epoch + 1
}

export async function isAdvanceDone(db: Db, tenantId: string, epoch: number): Promise<boolean> {
  const clock = await store.findClock(db, tenantId)
  return !!clock && clock.epoch >= epoch
}

/** Puts something on the agenda; the same (kind, key) again moves it. `payload` must be plain JSON. */
export async function schedule(
  ctx: Ctx,
  item: { kind: AgendaKind; key: string; dueAt: Date; payload?: object },
): Promise<void> {
  await store.upsertAgendaItem(ctx.db, { tenantId: ctx.tenantId, payload: {}, ...item })
  await announce(ctx.db, { tenantId: ctx.tenantId, topic: 'agenda' })
}

export async function unschedule(ctx: Ctx, kind: AgendaKind, key: string): Promise<void> {
  await store.removeAgendaItem(ctx.db, ctx.tenantId, kind, key)
}

/** When the item falls due, or null when it is not planned. */
export const dueAtOf = (ctx: Ctx, kind: AgendaKind, key: string): Promise<Date | null> =>
  store.findAgendaItem(ctx.db, ctx.tenantId, kind, key)

/** How time passes now: virtual seconds for each real one, and whether an advance is under way. */
export async function readPace(db: Db, tenantId: string): Promise<{ advancing: boolean; rate: number }> {
  const clock = await store.findClock(db, tenantId)
  return { advancing: clock?.advancingToMs != null, rate: clock?.rate ?? 0 }
}
