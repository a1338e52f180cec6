import type { ClockState } from '@/server/clock/model'
import type { Db } from '@/server/kernel/db'
import { sameText } from '@/server/kernel/sql-text'
import type { KeyAccessVerdict, ServerState } from '@/server/postgres/model'
import type { HealthFacts } from './rules/health'

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

export type HealthRow = Omit<HealthFacts, 'now'> & { id: string; subscriptionId: string; location: string }

/** What health is judged by, of one server or of all. */
export async function findHealthFacts(db: Db, tenantId: string, serverId?: string): Promise<HealthRow[]> {
  const rows = await db.server.findMany({
    where: { tenantId, id: serverId && sameText(serverId) },
    orderBy: { name: 'asc' },
  })
  return rows.map((row) => ({
    id: row.id,
    subscriptionId: row.subscriptionId,
    location: row.location,
    name: row.name,
    state: row.state as ServerState,
    since: row.stateSince,
    verdict: row.keyAccess as KeyAccessVerdict | null,
    standby: row.standbyKeyAccess as KeyAccessVerdict | null,
    firstDeniedAt: row.firstDeniedAt,
  }))
}

/** State changes of a server, newest first. */
export async function findStateHistory(db: Db, serverId: string, limit: number) {
  const rows = await db.serverStateChange.findMany({ where: { serverId }, orderBy: { seq: 'desc' }, take: limit })
  return rows.map((r) => ({ at: r.at, to: r.to as ServerState, cause: r.cause as { title?: string } | null }))
}

export type TileRow = {
  id: string
  name: string
  subscriptionId: string
  location: string
  state: ServerState
  since: Date
  keyUri: string
  customerManaged: boolean
  cause: string | null
}

export const findTiles = (db: Db, tenantId: string): Promise<TileRow[]> => db.$queryRaw`
  SELECT "id", "name", "subscriptionId"::text, "location", "state", "stateSince" AS "since", "primaryKeyUri" AS "keyUri",
    "encryptionType" = 'AzureKeyVault' AS "customerManaged", "keyAccess"->>'cause' AS "cause"
  FROM "Server" WHERE "tenantId" = ${tenantId}::uuid ORDER BY "name"`

/** The servers of today that were there at an instant, in their last state before it. */
export const findTilesAt = (db: Db, tenantId: string, at: Date): Promise<TileRow[]> => db.$queryRaw`
  SELECT s."id", s."name", s."subscriptionId"::text, s."location", c."to" AS "state", c."at" AS "since", s."primaryKeyUri" AS "keyUri",
    s."encryptionType" = 'AzureKeyVault' AS "customerManaged", c."cause"->>'cause' AS "cause"
  FROM (SELECT DISTINCT ON ("serverId") * FROM "ServerStateChange" WHERE "tenantId" = ${tenantId}::uuid AND "at" <= ${at}
    ORDER BY "serverId", "seq" DESC) c
  JOIN "Server" s ON s."id" = c."serverId" ORDER BY s."name"`

export type LaneChange = { serverId: string; at: Date; to: ServerState; title: string | null }

/** The state of each server at the begin of a span, and every change within; in order of time. */
export const findLaneChanges = (db: Db, tenantId: string, from: Date, to: Date): Promise<LaneChange[]> => db.$queryRaw`
  SELECT "serverId", "at", "to", "cause"->>'title' AS "title" FROM (
    (SELECT DISTINCT ON ("serverId") * FROM "ServerStateChange" WHERE "tenantId" = ${tenantId}::uuid AND "at" <= ${from}
      ORDER BY "serverId", "seq" DESC)
    UNION ALL
    SELECT * FROM "ServerStateChange" WHERE "tenantId" = ${tenantId}::uuid AND "at" > ${from} AND "at" <= ${to}) c
  ORDER BY "seq"`

export type MarkerRow = { at: Date; operationName: string; title: string; resourceId: string }

/** What people did to keys, vaults, roles and identities in a span; newest first. */
/** @param keyRoles ids of the roles whose coming and going servers feel; other roles are people's. */
export const findMarkers = (
  db: Db,
  tenantId: string,
  { from, to, limit, keyRoles }: { from: Date; to: Date; limit: number; keyRoles: string[] },
): Promise<MarkerRow[]> =>
  db.$queryRaw`
  SELECT * FROM (
    SELECT "at", "operationName", concat_ws(' ', "operationName", substring("properties"->>'id' FROM '/keys/([^/]+)')) AS "title", "storeId" AS "resourceId"
    FROM "AuditEvent" WHERE "tenantId" = ${tenantId}::uuid AND "at" >= ${from} AND "at" <= ${to} AND "resultType" = 'Success'
      AND "operationName" IN ('KeyCreate', 'KeyUpdate', 'KeyRotate', 'KeyRotateIfDue', 'KeyDelete', 'KeyRecover', 'KeyPurge', 'KeyRestore', 'KeyImport')
    UNION ALL
    SELECT "at", "operationName", "description", "resourceId"
    FROM "ActivityEvent" WHERE "tenantId" = ${tenantId}::uuid AND "at" >= ${from} AND "at" <= ${to} AND "status" IN ('Succeeded', 'Active', 'Resolved')
      AND ("resourceType" ILIKE 'Microsoft.KeyVault/%' OR "resourceType" ILIKE 'Microsoft.ManagedIdentity/%'
        OR ("operationName" ILIKE 'Microsoft.Authorization/roleAssignments/%' AND "properties"->>'roleDefinitionId' = ANY(${keyRoles}))
        OR "operationName" ILIKE 'Microsoft.Authorization/locks/%' OR "category" = 'ResourceHealth')
  ) m ORDER BY "at" DESC LIMIT ${limit}`

export type HorizonRow = {
  storeId: string
  key: string
  version: string
  current: boolean
  enabled: boolean
  expires: Date | null
  nextRotation: Date | null
  gone: 'key' | 'store' | null
  servers: string[]
}

/** Versions that expire, rotate or hold up a server, soonest first; deleted ones only where a server hangs on them. */
export const findKeyHorizon = (db: Db, tenantId: string): Promise<HorizonRow[]> => db.$queryRaw`
  WITH used AS (
    SELECT lower(substring(e."kid" FROM '[^/]+$')) AS "version", array_agg(DISTINCT s."id") AS "servers"
    FROM "Envelope" e JOIN "Server" s ON s."id" = e."serverId"
    WHERE s."tenantId" = ${tenantId}::uuid AND e."supersededAt" IS NULL AND s."encryptionType" = 'AzureKeyVault' GROUP BY 1)
  SELECT k."storeId", k."name" AS "key", v."version", v."ordinal" = max(v."ordinal") OVER (PARTITION BY v."keyId") AS "current",
    v."enabled", v."expires",
    CASE WHEN v."ordinal" = max(v."ordinal") OVER (PARTITION BY v."keyId") THEN a."dueAt" END AS "nextRotation",
    CASE WHEN coalesce(va."deletedAt", h."deletedAt") IS NOT NULL THEN 'store' WHEN k."deletedAt" IS NOT NULL THEN 'key' END AS "gone",
    coalesce(u."servers", ARRAY[]::text[]) AS "servers"
  FROM "KeyVersion" v JOIN "Key" k ON k."id" = v."keyId"
  LEFT JOIN used u ON u."version" = v."version"
  LEFT JOIN "Vault" va ON va."id" = k."storeId" LEFT JOIN "ManagedHsm" h ON h."id" = k."storeId"
  LEFT JOIN "AgendaItem" a ON a."tenantId" = k."tenantId" AND a."kind" = 'key-rotation' AND a."key" = k."id"::text
  WHERE k."tenantId" = ${tenantId}::uuid AND (u."servers" IS NOT NULL OR (
    coalesce(k."deletedAt", va."deletedAt", h."deletedAt") IS NULL AND (v."expires" IS NOT NULL OR a."dueAt" IS NOT NULL)))
  ORDER BY least(v."expires", a."dueAt") NULLS LAST, k."name"`

/** Ids of servers with one of whose identities nobody can sign in any more: it is gone, or another of its name is there. */
export async function findServersWithoutIdentity(db: Db, tenantId: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT s."id" FROM "Server" s WHERE s."tenantId" = ${tenantId}::uuid AND s."encryptionType" = 'AzureKeyVault'
      AND EXISTS (SELECT 1 FROM unnest(ARRAY[s."primaryPrincipalId", s."geoPrincipalId"]) p
        WHERE p IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "Principal" q WHERE q."id" = p AND q."deletedAt" IS NULL))`
  return rows.map((row) => row.id)
}

/** Numbers for gauges; nobody's rights are asked. */
export async function countFleet(db: Db): Promise<{ state: string; encryption: string; count: number }[]> {
  const rows = await db.server.groupBy({ by: ['state', 'encryptionType'], _count: true })
  return rows.map((r) => ({ state: r.state, encryption: r.encryptionType, count: r._count }))
}

export async function countAlerts(db: Db): Promise<{ severity: number; count: number }[]> {
  const rows = await db.alert.groupBy({ by: ['severity'], where: { condition: 'Fired' }, _count: true })
  return rows.map((r) => ({ severity: r.severity, count: r._count }))
}

export const countDeliveries = (db: Db): Promise<{ status: string; channel: string; count: number }[]> => db.$queryRaw`
  SELECT "status", "channel", count(*)::int AS "count" FROM "AlertDelivery" GROUP BY 1, 2`

/** Requests to key stores since the beginning, by operation and status class. */
export const countRequests = (db: Db): Promise<{ operation: string; status: number; count: number }[]> => db.$queryRaw`
  SELECT "operationName" AS "operation", "httpStatusCode" AS "status", count(*)::int AS "count" FROM "AuditEvent" GROUP BY 1, 2`

/** Days to the expiry of the current version of each live key, at each tenant's own instant. */
export const findExpiryDates = (db: Db): Promise<{ tenantId: string; expires: Date }[]> => db.$queryRaw`
  SELECT k."tenantId"::text, v."expires" FROM "Key" k
  JOIN LATERAL (SELECT "expires" FROM "KeyVersion" WHERE "keyId" = k."id" ORDER BY "ordinal" DESC LIMIT 1) v ON true
  WHERE k."deletedAt" IS NULL AND v."expires" IS NOT NULL`

export async function findClocks(db: Db): Promise<(ClockState & { tenantId: string })[]> {
  const rows = await db.clock.findMany()
  return rows.map((c) => ({
    ...c,
    virtualMs: Number(c.virtualMs),
    realAnchorMs: Number(c.realAnchorMs),
    advancingToMs: c.advancingToMs === null ? null : Number(c.advancingToMs),
  }))
}
