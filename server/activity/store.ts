import { type Db, Prisma } from '@/server/kernel/db'
import { announcement } from '@/server/kernel/notify'
import { isUnder, sameText } from '@/server/kernel/sql-text'
import type { ActivityView, AuditView } from './contract'
import type {
  ActivityQuery,
  AuditCount,
  AuditCountQuery,
  AuditFacts,
  AuditFilter,
  AuditQuery,
  ChainHead,
  ChainLink,
} from './model'
import { describeResource } from './rules'

export type NewActivity = {
  id: string
  tenantId: string
  at: Date
  correlationId: string
  operationId: string | null
  callerId: string
  callerName: string
  category: string
  level: string
  status: string
  subStatus: string | null
  operationName: string
  resourceId: string
  resourceType: string
  resourceGroup: string | null
  subscriptionId: string | null
  description: string
  properties: object
}

export type NewAudit = AuditFacts & { id: string; tenantId: string }

type ActivityRow = Prisma.ActivityEventGetPayload<object>

/** Rows of one statement: far below the 32767 parameters that it may have. */
const ROWS_AT_ONCE = 1000

/** Writes entries down, each with a note for those who watch the log. */
export async function insertActivities(db: Db, rows: NewActivity[]): Promise<void> {
  for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) {
    const data = rows.slice(i, i + ROWS_AT_ONCE)
    const written = await db.activityEvent.createManyAndReturn({ data, select: { seq: true, tenantId: true } })
    await db.activityOutbox.createMany({ data: written })
  }
}

/**
 * Adds a record to the end of its store's chain and tells of it, in one statement: the row of the chain's end is held until the
 * transaction ends, so records stand in the order in which they were committed, whoever wrote them.
 * @param content what the hash covers, see crypto.ts; `start` what the first record follows.
 */
export async function insertAudit(db: Db, row: NewAudit, content: Uint8Array, start: Uint8Array): Promise<void> {
  const [channel, payload] = announcement({ tenantId: row.tenantId, topic: 'activity' })
  const place = (index: Prisma.Sql) => Prisma.sql`int8send(${index}) || ${content}::bytea`
  await db.$executeRaw`
    WITH head AS (
      INSERT INTO "AuditChain" AS c ("storeId", "length", "previousHash", "hash")
      VALUES (${row.storeId.toLowerCase()}, 1, ${start}::bytea, sha256(${start}::bytea || ${place(Prisma.sql`1::bigint`)}))
      ON CONFLICT ("storeId") DO UPDATE SET
        "length" = c."length" + 1,
        "previousHash" = c."hash",
        "hash" = sha256(c."hash" || ${place(Prisma.sql`c."length" + 1`)})
      RETURNING "length", "previousHash", "hash"
    )
    INSERT INTO "AuditEvent" (
      "id", "tenantId", "at", "storeId", "operationName", "operationVersion", "resultType", "resultSignature",
      "resultDescription", "httpStatusCode", "durationMs", "callerIpAddress", "correlationId", "identity", "properties",
      "chainIndex", "previousHash", "hash"
    )
    SELECT
      ${row.id}::uuid, ${row.tenantId}::uuid, ${row.at}::timestamptz, ${row.storeId}, ${row.operationName},
      ${row.operationVersion}, ${row.resultType}, ${row.resultSignature}, ${row.resultDescription},
      ${row.httpStatusCode}::int, ${row.durationMs}::float8, ${row.callerIpAddress}, ${row.correlationId},
      ${JSON.stringify(row.identity)}::jsonb, ${JSON.stringify(row.properties)}::jsonb,
      head."length", head."previousHash", head."hash"
    FROM head
    RETURNING pg_notify(${channel}, ${payload})`
}

/** Who sees which events: those below the scopes, and those that `ownerId` caused. */
export type Visibility = { scopes: string[]; ownerId: string }

export async function selectActivity(
  db: Db,
  tenantId: string,
  query: ActivityQuery,
  visibility: Visibility,
): Promise<ActivityView[]> {
  const visible = [...visibility.scopes.flatMap((s) => isUnder('resourceId', s)), { callerId: visibility.ownerId }]
  const rows = await db.activityEvent.findMany({
    where: {
      tenantId,
      AND: [{ OR: visible }, ...(query.resourceId ? [{ OR: isUnder('resourceId', query.resourceId) }] : [])],
      ...(query.operationName ? { operationName: sameText(query.operationName) } : {}),
      correlationId: query.correlationId,
      level: query.level,
      at: { gte: query.from, lte: query.to },
      seq: query.before === undefined ? undefined : { lt: BigInt(query.before) },
    },
    orderBy: { seq: 'desc' },
    take: query.limit,
  })
  return rows.map(toView)
}

const toView = (row: ActivityRow): ActivityView => ({
  id: row.id,
  seq: Number(row.seq),
  at: row.at.toISOString(),
  correlationId: row.correlationId,
  operationId: row.operationId,
  caller: row.callerName,
  category: row.category,
  level: row.level as ActivityView['level'],
  status: row.status,
  operationName: row.operationName,
  resourceId: row.resourceId,
  resourceName: describeResource(row.resourceId).resourceName,
  resourceType: row.resourceType,
  resourceGroup: row.resourceGroup,
  subscriptionId: row.subscriptionId,
  description: row.description,
  properties: row.properties as Record<string, unknown>,
})

/** Takes entries out of the outbox, oldest first; one transaction of a tenant at a time, so that they keep their order. */
export async function takeFromOutbox(db: Db, tenantId: string, limit: number): Promise<ActivityView[]> {
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`activity outbox of ${tenantId}`}, 0))`
  const taken = await db.$queryRaw<{ seq: bigint }[]>`
    DELETE FROM "ActivityOutbox" WHERE "seq" IN (
      SELECT "seq" FROM "ActivityOutbox" WHERE "tenantId" = ${tenantId}::uuid
      ORDER BY "seq" LIMIT ${limit}) RETURNING "seq"`
  if (taken.length === 0) return []
  const rows = await db.activityEvent.findMany({
    where: { seq: { in: taken.map((t) => t.seq) } },
    orderBy: { seq: 'asc' },
  })
  return rows.map(toView)
}

/** Requests of stores counted by span of time, operation and status. */
export async function countAudit(db: Db, tenantId: string, query: AuditCountQuery): Promise<AuditCount[]> {
  const stores = query.storeIds?.map((id) => id.toLowerCase()) ?? null
  const rows = await db.$queryRaw<CountRow[]>`
    SELECT lower("storeId") AS "storeKey", floor(extract(epoch FROM "at") / ${query.spanSeconds}::bigint)::bigint AS "span",
      "operationName", "httpStatusCode", count(*)::int AS "count", sum("durationMs")::float AS "total",
      min("durationMs")::float AS "minimum", max("durationMs")::float AS "maximum"
    FROM "AuditEvent"
    WHERE "tenantId" = ${tenantId}::uuid AND "at" >= ${query.from} AND "at" < ${query.to}
      AND (${stores}::text[] IS NULL OR lower("storeId") = ANY(${stores}::text[]))
    GROUP BY 1, 2, 3, 4 ORDER BY 2`
  return rows.map(({ span, ...row }) => ({ ...row, atMs: Number(span) * query.spanSeconds * 1000 }))
}

type CountRow = Omit<AuditCount, 'atMs'> & { span: bigint }

type AuditRow = Prisma.AuditEventGetPayload<object>

const isClaim = (claim: string, text: string) => ({
  identity: { path: ['claim', claim], string_contains: text, mode: 'insensitive' as const },
})

const auditWhere = (tenantId: string, storeId: string, filter: AuditFilter) => ({
  tenantId,
  storeId: sameText(storeId),
  operationName: filter.operationName,
  resultType: filter.resultType,
  correlationId: filter.correlationId,
  callerIpAddress: filter.address ? { startsWith: filter.address } : undefined,
  at: { gte: filter.from, lte: filter.to },
  ...(filter.caller && {
    OR: ['name', 'upn', 'oid', 'appid', 'xms_mirid'].map((claim) => isClaim(claim, filter.caller!)),
  }),
})

const toFacts = (row: AuditRow): AuditFacts => ({
  at: row.at,
  storeId: row.storeId,
  operationName: row.operationName,
  operationVersion: row.operationVersion,
  resultType: row.resultType,
  resultSignature: row.resultSignature,
  resultDescription: row.resultDescription,
  httpStatusCode: row.httpStatusCode,
  durationMs: row.durationMs,
  callerIpAddress: row.callerIpAddress,
  correlationId: row.correlationId,
  identity: row.identity as Record<string, unknown>,
  properties: row.properties as Record<string, unknown>,
})

export async function selectAudit(db: Db, tenantId: string, query: AuditQuery): Promise<AuditView[]> {
  const { storeId, before, limit, ...filter } = query
  const rows = await db.auditEvent.findMany({
    where: {
      ...auditWhere(tenantId, storeId, filter),
      seq: before === undefined ? undefined : { lt: BigInt(before) },
    },
    orderBy: { seq: 'desc' },
    take: limit,
  })
  return rows.map((row) => ({
    ...toFacts(row),
    id: row.id,
    seq: Number(row.seq),
    at: row.at.toISOString(),
    chain: toLink(row),
  }))
}

const hex = (bytes: Uint8Array | null): string => Buffer.from(bytes ?? []).toString('hex')

const toLink = (row: AuditRow): ChainLink | null =>
  row.chainIndex === null
    ? null
    : { index: Number(row.chainIndex), previousHash: hex(row.previousHash), hash: hex(row.hash) }

export type ChainedFacts = { facts: AuditFacts; chain: ChainLink }

/** Records of a store's chain in its order, from behind `after`. */
export async function selectChain(
  db: Db,
  tenantId: string,
  query: AuditFilter & { storeId: string; after: number; limit: number },
): Promise<ChainedFacts[]> {
  const { storeId, after, limit, ...filter } = query
  const rows = await db.auditEvent.findMany({
    where: { ...auditWhere(tenantId, storeId, filter), chainIndex: { gt: BigInt(after) } },
    orderBy: { chainIndex: 'asc' },
    take: limit,
  })
  return rows.map((row) => ({ facts: toFacts(row), chain: toLink(row)! }))
}

export async function findChainHead(db: Db, storeId: string): Promise<ChainHead | null> {
  const row = await db.auditChain.findUnique({ where: { storeId: storeId.toLowerCase() } })
  return row && { length: Number(row.length), hash: hex(row.hash) }
}
