import type { Db, Prisma } from '@/server/kernel/db'
import { sameText } from '@/server/kernel/sql-text'
import type { Sink } from './model'

type SinkRow = Prisma.AuditSinkGetPayload<object>

const toSink = (row: SinkRow): Sink => ({
  ...row,
  kind: row.kind as Sink['kind'],
  sentIndex: Number(row.sentIndex),
  retryAtMs: Number(row.retryAtMs),
  deliveredAtMs: row.deliveredAtMs === null ? null : Number(row.deliveredAtMs),
})

export async function insertSink(db: Db, sink: Sink): Promise<void> {
  const { sealedSecret, ...same } = sink
  await db.auditSink.create({ data: { ...same, sealedSecret: sealedSecret && Uint8Array.from(sealedSecret) } })
}

export async function findSinks(db: Db, tenantId: string, storeId: string): Promise<Sink[]> {
  const rows = await db.auditSink.findMany({
    where: { tenantId, storeId: sameText(storeId) },
    orderBy: { name: 'asc' },
  })
  return rows.map(toSink)
}

export const deleteSink = (db: Db, id: string) => db.auditSink.deleteMany({ where: { id } })

export const askTest = (db: Db, id: string) =>
  db.auditSink.update({ where: { id }, data: { testAsked: true, retryAtMs: 0 } })

/**
 * Takes a sink that has something to send and whose time has come. It is nobody else's until `leaseMs` have gone by, so
 * that two engines do not send the same at once, and a dead engine's attempt is made again.
 */
export async function claimSink(db: Db, nowMs: number, leaseMs: number): Promise<Sink | null> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    UPDATE "AuditSink" SET "retryAtMs" = ${BigInt(nowMs + leaseMs)}
    WHERE "id" = (
      SELECT s."id" FROM "AuditSink" s LEFT JOIN "AuditChain" c ON c."storeId" = lower(s."storeId")
      WHERE s."retryAtMs" <= ${BigInt(nowMs)} AND (s."testAsked" OR c."length" > s."sentIndex")
      ORDER BY s."retryAtMs", s."id" LIMIT 1 FOR UPDATE OF s SKIP LOCKED)
    RETURNING "id"`
  const row = rows[0] && (await db.auditSink.findUnique({ where: { id: rows[0].id } }))
  return row ? toSink(row) : null
}

/** Never back: an attempt that ends after its lease must not undo what came after it. */
export async function recordAccepted(db: Db, sink: Sink, sentIndex: number, nowMs: number): Promise<void> {
  await db.$executeRaw`
    UPDATE "AuditSink" SET "sentIndex" = greatest("sentIndex", ${BigInt(sentIndex)}), "failures" = 0, "lastError" = NULL,
      "retryAtMs" = 0, "deliveredAtMs" = ${BigInt(nowMs)}, "testAsked" = "testAsked" AND NOT ${sink.testAsked}
    WHERE "id" = ${sink.id}::uuid`
}

export async function recordFailure(db: Db, sink: Sink, lastError: string, retryAtMs: number): Promise<void> {
  const data = { failures: { increment: 1 }, lastError, retryAtMs: BigInt(retryAtMs), testAsked: false }
  await db.auditSink.updateMany({ where: { id: sink.id }, data })
}
