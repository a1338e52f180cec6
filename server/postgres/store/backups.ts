import { type Db, Prisma } from '@/server/kernel/db'
import { sameText } from '@/server/kernel/sql-text'
import type { BackupRecord } from '../model'

type Row = Prisma.BackupGetPayload<object>

const toRecord = (row: Row): BackupRecord => ({
  ...row,
  type: row.type as BackupRecord['type'],
  status: row.status as BackupRecord['status'],
  error: row.error as BackupRecord['error'],
})

/** Writes a backup down; one of the same id is replaced. */
export async function saveBackup(db: Db, backup: BackupRecord): Promise<void> {
  const { id, error, ...rest } = backup
  const row = { ...rest, error: error ?? Prisma.DbNull }
  await db.backup.upsert({ where: { id }, update: row, create: { id, ...row } })
}

/** Changes a backup that is still there; false when it is gone. */
export async function updateBackup(
  db: Db,
  id: string,
  patch: Partial<Pick<BackupRecord, 'status' | 'completedAt' | 'expiresAt' | 'bytes' | 'kid'>> & {
    error?: { code: string; message: string }
  },
): Promise<boolean> {
  return (await db.backup.updateMany({ where: { id }, data: patch })).count > 0
}

export async function findBackup(db: Db, where: { id: string } | { serverId: string; name: string }) {
  const row = await db.backup.findFirst({
    where: 'id' in where ? where : { serverId: sameText(where.serverId), name: where.name },
  })
  return row && toRecord(row)
}

/** Newest first. */
export async function listBackups(db: Db, serverId: string): Promise<BackupRecord[]> {
  const rows = await db.backup.findMany({
    where: { serverId: sameText(serverId) },
    orderBy: [{ startedAt: 'desc' }, { name: 'desc' }],
  })
  return rows.map(toRecord)
}

/** Those that could be restored, of all servers of a tenant. */
export async function listRestorable(db: Db, tenantId: string): Promise<BackupRecord[]> {
  return (await db.backup.findMany({ where: { tenantId, status: 'Succeeded' } })).map(toRecord)
}

/** The newest that holds files, for the next one to share them. */
export async function findNewestBackup(db: Db, serverId: string): Promise<BackupRecord | null> {
  const row = await db.backup.findFirst({
    where: { serverId: sameText(serverId), status: 'Succeeded' },
    orderBy: { startedAt: 'desc' },
  })
  return row && toRecord(row)
}

/** Bytes of the backups of each server. */
export async function sumBackups(db: Db, tenantId: string): Promise<Map<string, number>> {
  const rows = await db.backup.groupBy({
    by: ['serverId'],
    where: { tenantId, status: 'Succeeded' },
    _sum: { bytes: true },
  })
  return new Map(rows.map((row) => [row.serverId.toLowerCase(), Number(row._sum.bytes ?? 0)]))
}

export async function deleteBackup(db: Db, id: string): Promise<void> {
  await db.backup.deleteMany({ where: { id } })
}

export async function deleteBackups(db: Db, serverId: string): Promise<void> {
  await db.backup.deleteMany({ where: { serverId: sameText(serverId) } })
}
