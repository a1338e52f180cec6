import type { Db } from '@/server/kernel/db'
import type { ServerState } from '@/server/postgres/model'
import type { Bucket, Sample } from './model'

export async function insertSamples(db: Db, tenantId: string, samples: Sample[]): Promise<void> {
  await db.metricSample.createMany({
    data: samples.map(({ atMs, ...sample }) => ({ ...sample, tenantId, at: new Date(atMs) })),
    skipDuplicates: true,
  })
}

export type StoredSeries = Bucket & { resourceKey: string; dimensions: string }

/** Samples of a metric in a span, merged into intervals; without `resourceKeys` of every resource. */
export async function findSamples(
  db: Db,
  tenantId: string,
  query: { metrics: string[]; resourceKeys?: string[]; from: Date; to: Date; intervalSeconds: number },
): Promise<(StoredSeries & { metric: string })[]> {
  const keys = query.resourceKeys ?? null
  const rows = await db.$queryRaw<(Omit<StoredSeries, 'atMs'> & { metric: string; span: bigint })[]>`
    SELECT "resourceKey", "metric", "dimensions",
      floor(extract(epoch FROM "at") / ${query.intervalSeconds}::bigint)::bigint AS "span",
      sum("count")::int AS "count", sum("total")::float AS "total", min("minimum")::float AS "minimum", max("maximum")::float AS "maximum"
    FROM "MetricSample"
    WHERE "tenantId" = ${tenantId}::uuid AND "metric" = ANY(${query.metrics}::text[])
      AND "at" >= ${query.from} AND "at" < ${query.to}
      AND (${keys}::text[] IS NULL OR "resourceKey" = ANY(${keys}::text[]))
    GROUP BY 1, 2, 3, 4 ORDER BY 4`
  return rows.map(({ span, ...row }) => ({ ...row, atMs: Number(span) * query.intervalSeconds * 1000 }))
}

/** Merges samples before `before` that are finer than the span. */
export async function thinOut(db: Db, tenantId: string, before: Date, spanSeconds: number): Promise<void> {
  await db.$executeRaw`
    WITH fine AS (
      DELETE FROM "MetricSample" WHERE "tenantId" = ${tenantId}::uuid AND "at" < ${before} AND "spanSeconds" < ${spanSeconds}
      RETURNING *)
    INSERT INTO "MetricSample" ("tenantId", "resourceKey", "metric", "dimensions", "at", "spanSeconds", "count", "total", "minimum", "maximum")
    SELECT "tenantId", "resourceKey", "metric", "dimensions",
      to_timestamp(floor(extract(epoch FROM "at") / ${spanSeconds}::int) * ${spanSeconds}::int) AS "begin", ${spanSeconds}::int,
      sum("count"), sum("total"), min("minimum"), max("maximum")
    FROM fine GROUP BY "tenantId", "resourceKey", "metric", "dimensions", "begin"
    ON CONFLICT ("resourceKey", "metric", "dimensions", "at") DO UPDATE SET
      "count" = "MetricSample"."count" + EXCLUDED."count", "total" = "MetricSample"."total" + EXCLUDED."total",
      "minimum" = least("MetricSample"."minimum", EXCLUDED."minimum"), "maximum" = greatest("MetricSample"."maximum", EXCLUDED."maximum"),
      "spanSeconds" = EXCLUDED."spanSeconds"`
}

export const dropSamples = (db: Db, tenantId: string, before: Date) =>
  db.metricSample.deleteMany({ where: { tenantId, at: { lt: before } } })

export type StateRow = { serverKey: string; atMs: number; state: ServerState }

/** The states that servers were in during a span: each one's last change before it, and those within. In order of time. */
export async function findStates(
  db: Db,
  tenantId: string,
  query: { serverIds?: string[]; from: Date; to: Date },
): Promise<StateRow[]> {
  const ids = query.serverIds?.map((id) => id.toLowerCase()) ?? null
  const rows = await db.$queryRaw<{ serverKey: string; at: Date; to: string }[]>`
    (SELECT DISTINCT ON ("serverId") lower("serverId") AS "serverKey", "at", "to", "seq" FROM "ServerStateChange"
      WHERE "tenantId" = ${tenantId}::uuid AND "at" <= ${query.from} AND (${ids}::text[] IS NULL OR lower("serverId") = ANY(${ids}::text[]))
      ORDER BY "serverId", "seq" DESC)
    UNION ALL
    (SELECT lower("serverId"), "at", "to", "seq" FROM "ServerStateChange"
      WHERE "tenantId" = ${tenantId}::uuid AND "at" > ${query.from} AND "at" < ${query.to}
        AND (${ids}::text[] IS NULL OR lower("serverId") = ANY(${ids}::text[])))
    ORDER BY "seq"`
  return rows.map((r) => ({ serverKey: r.serverKey, atMs: r.at.getTime(), state: r.to as ServerState }))
}

/** Servers whose key has newer versions than the one that wraps their data key now, with how many. */
export async function countNewerVersions(db: Db, tenantId: string): Promise<{ serverKey: string; lag: number }[]> {
  return db.$queryRaw`
    SELECT lower(s."id") AS "serverKey", max(newest."ordinal" - used."ordinal")::int AS "lag"
    FROM "Server" s
    JOIN "Envelope" e ON e."serverId" = s."id" AND e."role" = 'primary' AND e."supersededAt" IS NULL
    JOIN "KeyVersion" used ON used."version" = lower(substring(e."kid" FROM '[^/]+$'))
    JOIN LATERAL (SELECT max(v."ordinal") AS "ordinal" FROM "KeyVersion" v WHERE v."keyId" = used."keyId") newest ON true
    WHERE s."tenantId" = ${tenantId}::uuid AND s."encryptionType" = 'AzureKeyVault'
    GROUP BY 1 HAVING max(newest."ordinal" - used."ordinal") > 0`
}

/** Live keys whose current version expires before an instant, or has expired. */
export async function findExpiries(
  db: Db,
  tenantId: string,
  before: Date,
): Promise<{ storeKey: string; name: string; expires: Date }[]> {
  return db.$queryRaw`
    SELECT lower(k."storeId") AS "storeKey", k."name", v."expires"
    FROM "Key" k
    JOIN LATERAL (SELECT "expires" FROM "KeyVersion" WHERE "keyId" = k."id" ORDER BY "ordinal" DESC LIMIT 1) v ON true
    WHERE k."tenantId" = ${tenantId}::uuid AND k."deletedAt" IS NULL AND v."expires" < ${before}`
}

/** Bytes of storage that servers were given. */
export async function findStorageSizes(db: Db, serverIds: string[]): Promise<Map<string, number>> {
  const rows = await db.$queryRaw<{ id: string; bytes: number }[]>`
    SELECT "id", ("properties"->'storage'->>'sizeGiB')::float * 1073741824 AS "bytes" FROM "Server" WHERE "id" = ANY(${serverIds}::text[])`
  return new Map(rows.map((r) => [r.id, r.bytes]))
}
