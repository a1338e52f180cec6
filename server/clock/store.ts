import type { Db } from '@/server/kernel/db'
import type { AgendaKind, ClockState, DueItem } from './model'

type ClockRow = { virtualMs: bigint; realAnchorMs: bigint; rate: number; advancingToMs: bigint | null; epoch: number }

const toState = (row: ClockRow): ClockState => ({
  virtualMs: Number(row.virtualMs),
  realAnchorMs: Number(row.realAnchorMs),
  rate: row.rate,
  advancingToMs: row.advancingToMs === null ? null : Number(row.advancingToMs),
  epoch: row.epoch,
})

export async function findClock(db: Db, tenantId: string): Promise<ClockState | null> {
  const row = await db.clock.findUnique({ where: { tenantId } })
  return row && toState(row)
}

/** Reads the clock and holds its row until the transaction ends, so that two changes never interleave. */
export async function lockClock(db: Db, tenantId: string): Promise<ClockState | null> {
  const rows = await db.$queryRaw<ClockRow[]>`
    SELECT "virtualMs", "realAnchorMs", "rate", "advancingToMs", "epoch" FROM "Clock" WHERE "tenantId" = ${tenantId}::uuid FOR UPDATE`
  return rows[0] ? toState(rows[0]) : null
}

export async function saveClock(db: Db, tenantId: string, state: ClockState): Promise<void> {
  const data = {
    virtualMs: BigInt(Math.floor(state.virtualMs)),
    realAnchorMs: BigInt(Math.floor(state.realAnchorMs)),
    rate: state.rate,
    advancingToMs: state.advancingToMs === null ? null : BigInt(Math.floor(state.advancingToMs)),
    epoch: state.epoch,
  }
  await db.clock.upsert({ where: { tenantId }, update: data, create: { tenantId, ...data } })
}

export async function listTenantsWithClock(db: Db): Promise<string[]> {
  return (await db.clock.findMany({ select: { tenantId: true }, orderBy: { tenantId: 'asc' } })).map((r) => r.tenantId)
}

export async function upsertAgendaItem(
  db: Db,
  item: { tenantId: string; dueAt: Date; kind: AgendaKind; key: string; payload: object },
): Promise<void> {
  const { tenantId, kind, key, dueAt } = item
  await db.agendaItem.upsert({
    where: { tenantId_kind_key: { tenantId, kind, key } },
    update: { dueAt, payload: item.payload, failures: 0, lastError: null },
    create: { tenantId, kind, key, dueAt, payload: item.payload },
  })
}

export async function removeAgendaItem(db: Db, tenantId: string, kind: AgendaKind, key: string): Promise<void> {
  await db.agendaItem.deleteMany({ where: { tenantId, kind, key } })
}

/** The earliest item, by due time and then by the order in which it was scheduled. */
export async function findNextItem(db: Db, tenantId: string): Promise<DueItem | null> {
  const row = await db.agendaItem.findFirst({ where: { tenantId }, orderBy: [{ dueAt: 'asc' }, { seq: 'asc' }] })
  return row && { ...row, kind: row.kind as AgendaKind }
}

export async function findAgendaItem(db: Db, tenantId: string, kind: AgendaKind, key: string): Promise<Date | null> {
  const row = await db.agendaItem.findUnique({ where: { tenantId_kind_key: { tenantId, kind, key } } })
  return row?.dueAt ?? null
}

/** Takes the item off the agenda; false when another engine has done it, or it was moved to another instant. */
export async function completeItem(db: Db, item: DueItem): Promise<boolean> {
  return (await db.agendaItem.deleteMany({ where: { seq: item.seq, dueAt: item.dueAt } })).count > 0
}

export async function recordItemFailure(db: Db, item: DueItem, message: string, retryAt: Date | null): Promise<number> {
  const row = await db.agendaItem.updateManyAndReturn({
    where: { seq: item.seq },
    data: { failures: { increment: 1 }, lastError: message, ...(retryAt ? { dueAt: retryAt, failures: 0 } : {}) },
  })
  return row[0]?.failures ?? 0
}
