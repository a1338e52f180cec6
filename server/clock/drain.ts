import type { Ctx } from '@/server/kernel/context'
import { type PrismaClient, transact } from '@/server/kernel/db'
import { log } from '@/server/kernel/log'
import { announce } from '@/server/kernel/notify'
import { realNowMs } from '@/server/kernel/time'
import { type AgendaHandler, type AgendaKind, type DueItem, MAX_FAILURES, virtualNow } from './model'
import * as store from './store'

export type DrainOptions = {
  db: PrismaClient
  tenantId: string
  handlers: Record<AgendaKind, AgendaHandler>
  /** A service context of the tenant, at the given instant. */
  contextAt(now: Date): Ctx
  /** Resolves when no operation of the tenant has work to do at the present instant, so that time may move on. */
  quiesce(): Promise<void>
  shouldStop?(): boolean
}

/**
 * Works through a tenant's agenda, in order of (due time, order of scheduling), up to the clock's now or up to the
 * target of an advance; then ends the advance. Must run in one engine at a time for a tenant (see the engine's lease).
 * Killed anywhere, it goes on from the same item: an item leaves the agenda in the transaction of its own effects.
 * @returns how many items were handled.
 */
export async function drainAgenda(options: DrainOptions): Promise<number> {
  const { db, tenantId } = options
  let handled = 0
  while (!options.shouldStop?.()) {
    const clock = await store.findClock(db, tenantId)
    if (!clock) return handled
    const advancing = clock.advancingToMs !== null
    if (advancing) await options.quiesce()
    const horizonMs = clock.advancingToMs ?? virtualNow(clock, realNowMs())
    const item = await store.findNextItem(db, tenantId)
    if (!item || item.dueAt.getTime() > horizonMs) {
      if (!advancing) return handled
      if (await finishAdvance(options)) return handled
      continue
    }
    if (advancing) await moveClockTo(options, item.dueAt)
    await handleItem(options, item)
    handled++
  }
  return handled
}

async function moveClockTo({ db, tenantId }: DrainOptions, dueAt: Date): Promise<void> {
  await db.$transaction(async (tx) => {
    const clock = await store.lockClock(tx, tenantId)
    // Never backwards: an item scheduled into the past is handled now.
    if (clock && dueAt.getTime() > clock.virtualMs)
      await store.saveClock(tx, tenantId, { ...clock, virtualMs: dueAt.getTime() })
  })
}

async function handleItem(options: DrainOptions, item: DueItem): Promise<void> {
  const { db, tenantId, handlers } = options
  const clock = await store.findClock(db, tenantId)
  // While time runs freely an item is handled a little late in real time, yet at its own instant.
  const now = clock?.advancingToMs != null ? new Date(Math.max(clock.virtualMs, item.dueAt.getTime())) : item.dueAt
  try {
    const ctx = options.contextAt(now)
    const commit = await handlers[item.kind](ctx, item)
    await transact(ctx, async (tx) => {
      // First, so that a handler which schedules the same item anew is not undone.
      if (await store.completeItem(tx.db, item)) await commit(tx)
    })
  } catch (error) {
    log.error(`agenda item ${item.kind} ${item.key} failed`, error)
    const message = error instanceof Error ? error.message : String(error)
    const failures = await store.recordItemFailure(db, item, message, null)
    // Put off by an hour of virtual time, so that the rest of the agenda goes on.
    if (failures >= MAX_FAILURES) await store.recordItemFailure(db, item, message, new Date(now.getTime() + 3_600_000))
  }
}

async function finishAdvance({ db, tenantId }: DrainOptions): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const clock = await store.lockClock(tx, tenantId)
    if (!clock || clock.advancingToMs === null) return true
    const next = await store.findNextItem(tx, tenantId)
    // Something was scheduled, or the target moved, since we looked.
    if (next && next.dueAt.getTime() <= clock.advancingToMs) return false
    await store.saveClock(tx, tenantId, {
      ...clock,
      virtualMs: clock.advancingToMs,
      realAnchorMs: realNowMs(),
      advancingToMs: null,
      epoch: clock.epoch + 1,
    })
    await announce(tx, { tenantId, topic: 'clock' })
    return true
  })
}
