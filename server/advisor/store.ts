import type { Db } from '@/server/kernel/db'

export type ServerRow = {
  id: string
  name: string
  subscriptionId: string
  resourceGroup: string
  location: string
  primaryKeyUri: string
  primaryIdentityId: string | null
}

export const findServers = (db: Db, tenantId: string): Promise<ServerRow[]> =>
  db.server.findMany({
    where: { tenantId, encryptionType: 'AzureKeyVault' },
    select: {
      ...{ id: true, name: true, subscriptionId: true, resourceGroup: true, location: true },
      ...{ primaryKeyUri: true, primaryIdentityId: true },
    },
    orderBy: { name: 'asc' },
  })

type Acls = { defaultAction: string; bypass: string }
export type StoreRow = {
  id: string
  name: string
  softDeleteDays: number
  purgeProtection: boolean
  publicNetworkAccess: boolean
  networkAcls: Acls
}

const STORE = {
  id: true,
  name: true,
  softDeleteDays: true,
  purgeProtection: true,
  publicNetworkAccess: true,
  networkAcls: true,
}

/** Live vaults and HSMs. */
export async function findStores(db: Db, tenantId: string): Promise<StoreRow[]> {
  const where = { tenantId, deletedAt: null }
  const [vaults, hsms] = await Promise.all([
    db.vault.findMany({ where, select: STORE }),
    db.managedHsm.findMany({ where, select: STORE }),
  ])
  return [...vaults, ...hsms].map((row) => ({ ...row, networkAcls: row.networkAcls as Acls }))
}

export type KeyRow = { storeId: string; nameKey: string; keySize: number | null }

/** Live keys with what their current version is like. */
export const findKeys = (db: Db, tenantId: string): Promise<KeyRow[]> => db.$queryRaw`
  SELECT k."storeId", k."nameKey", v."keySize" FROM "Key" k
  JOIN LATERAL (SELECT "keySize" FROM "KeyVersion" WHERE "keyId" = k."id" ORDER BY "ordinal" DESC LIMIT 1) v ON true
  WHERE k."tenantId" = ${tenantId}::uuid AND k."deletedAt" IS NULL`

/** When each key was last backed up, by its store and lower-case name. */
export const findBackups = (db: Db, tenantId: string): Promise<{ storeId: string; nameKey: string; at: Date }[]> =>
  db.$queryRaw`
  SELECT "storeId", lower(substring("properties"->>'id' FROM '/keys/([^/]+)')) AS "nameKey", max("at") AS "at" FROM "AuditEvent"
  WHERE "tenantId" = ${tenantId}::uuid AND "operationName" = 'KeyBackup' AND "resultType" = 'Success' GROUP BY 1, 2`

export async function countAuditRecords(db: Db, tenantId: string): Promise<Map<string, number>> {
  const rows = await db.auditEvent.groupBy({ by: ['storeId'], where: { tenantId }, _count: true })
  return new Map(rows.map((r) => [r.storeId.toLowerCase(), r._count]))
}

export async function findIdentityLocations(db: Db, tenantId: string): Promise<Map<string, string>> {
  const rows = await db.managedIdentity.findMany({ where: { tenantId }, select: { id: true, location: true } })
  return new Map(rows.map((r) => [r.id.toLowerCase(), r.location]))
}

export type ScoreRow = { subject: string; at: Date; score: number; passed: number; failed: number }

export async function insertScores(db: Db, tenantId: string, rows: ScoreRow[]): Promise<void> {
  await db.advisorScore.createMany({ data: rows.map((row) => ({ ...row, tenantId })), skipDuplicates: true })
}

/** The last score of each subject. */
export const findLastScores = (db: Db, tenantId: string): Promise<ScoreRow[]> => db.$queryRaw`
  SELECT DISTINCT ON ("subject") "subject", "at", "score", "passed", "failed" FROM "AdvisorScore"
  WHERE "tenantId" = ${tenantId}::uuid ORDER BY "subject", "at" DESC`

export const findScores = (db: Db, tenantId: string, subject: string, from: Date): Promise<ScoreRow[]> =>
  db.advisorScore.findMany({ where: { tenantId, subject, at: { gte: from } }, orderBy: { at: 'asc' } })
