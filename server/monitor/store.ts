import type { Db } from '@/server/kernel/db'

/** The tenant that the portal serves. SIMULATED: an installation holds one. */
export const findSeededTenant = (db: Db) =>
  db.tenant.findFirst({
    where: { seededAt: { not: null } },
    select: { id: true, name: true, domain: true },
    orderBy: { id: 'asc' },
  })

export async function findNewestHeartbeatMs(db: Db): Promise<number | null> {
  const row = await db.engine.findFirst({ select: { heartbeatMs: true }, orderBy: { heartbeatMs: 'desc' } })
  return row ? Number(row.heartbeatMs) : null
}

export async function findSeenSeq(db: Db, principalId: string): Promise<number> {
  const row = await db.notificationMark.findUnique({ where: { principalId } })
  return row ? Number(row.seenSeq) : 0
}

export async function saveSeenSeq(db: Db, principalId: string, seq: number): Promise<void> {
  const data = { seenSeq: BigInt(seq) }
  await db.notificationMark.upsert({ where: { principalId }, update: data, create: { principalId, ...data } })
}
