import type { Ctx } from '@/server/kernel/context'

/** A tenant's clock as stored. All values in milliseconds. */
export type ClockState = {
  virtualMs: number
  realAnchorMs: number
  /** Virtual seconds for each real second; 0 is paused. */
  rate: number
  advancingToMs: number | null
  epoch: number
}

/** Virtual now: stands still while paused or while an advance is being worked through. */
export function virtualNow(clock: ClockState, realNowMs: number): number {
  if (clock.advancingToMs !== null) return clock.virtualMs
  return Math.floor(clock.virtualMs + clock.rate * Math.max(0, realNowMs - clock.realAnchorMs))
}

/** The kinds of things that fall due; wiring has exactly one handler for each. */
export const AGENDA_KINDS = [
  'key-access-sweep',
  'key-rotation',
  'key-near-expiry',
  'purge-key',
  'purge-vault',
  'purge-managed-hsm',
  'monitoring',
  'backup',
  'expire-backup',
  'resume-operation',
] as const
export type AgendaKind = (typeof AGENDA_KINDS)[number]

export type DueItem = { seq: bigint; tenantId: string; dueAt: Date; kind: AgendaKind; key: string; payload: unknown }

/**
 * Handles one due item with `ctx.now` at its due time. What may take long or calls a vault is done at once; the writes
 * are in the function it returns, which commits in one transaction with the item's removal.
 */
export type AgendaHandler = (ctx: Ctx, item: DueItem) => Promise<(tx: Ctx) => Promise<void>>

/** An item that keeps failing is put off, so that one broken thing never stops the clock. */
export const MAX_FAILURES = 5
