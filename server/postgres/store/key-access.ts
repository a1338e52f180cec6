import { type Db, Prisma } from '@/server/kernel/db'
import type { RewrapBatchView } from '../contract'
import type { KeyAccessVerdict, KeyRole, ServerState } from '../model'

/** Which servers a check is about; nothing given means all of the tenant. */
export type CheckScope = {
  serverId?: string
  /** Lower-case name of a vault or HSM, with one of its keys or without. */
  storeName?: string
  keyName?: string
  principalId?: string
  /** The servers alone, or their standbys alone; both when it is not given. */
  member?: Member
}
export type Member = 'server' | 'standby'

/** Servers for which one probe decides: they share the identity and the version that wraps their data keys. */
export type ProbeUnit = {
  unit: string
  role: KeyRole
  identityId: string | null
  principalId: string | null
  /** Null when the server has no envelope. */
  kid: string | null
  keyUri: string
  servers: number
  /** The server whose own envelope is opened this time. */
  sampleId: string
}

type Links = { tenantId: string; states: readonly ServerState[]; scope: CheckScope }

const storeOf = (uri: Prisma.Sql) => Prisma.sql`split_part(split_part(lower(${uri}), '/', 3), '.', 1)`
const keyOf = (uri: Prisma.Sql) => Prisma.sql`split_part(lower(${uri}), '/', 5)`

const WITH_STANDBY = Prisma.sql`s."properties"->'highAvailability'->>'mode' <> 'Disabled'`

function inScope({ serverId, storeName, keyName, principalId, member }: CheckScope): Prisma.Sql {
  const uri = Prisma.sql`coalesce(e2."kid", r2."keyUri")`
  const tests = [Prisma.sql`r2."keyUri" IS NOT NULL`]
  if (storeName) tests.push(Prisma.sql`${storeOf(uri)} = ${storeName.toLowerCase()}`)
  if (keyName) tests.push(Prisma.sql`${keyOf(uri)} = ${keyName.toLowerCase()}`)
  if (principalId) tests.push(Prisma.sql`r2."principalId" = ${principalId}::uuid`)
  const one = serverId ? Prisma.sql`AND lower(s."id") = lower(${serverId})` : Prisma.empty
  const own = member === 'standby' ? Prisma.sql`${one} AND r."role" = 'primary' AND ${WITH_STANDBY}` : one
  if (tests.length === 1) return own
  return Prisma.sql`${own} AND EXISTS (SELECT 1 FROM ${roles('r2')}
    LEFT JOIN "Envelope" e2 ON e2."serverId" = s."id" AND e2."role" = r2."role" AND e2."supersededAt" IS NULL
    WHERE ${Prisma.join(tests, ' AND ')})`
}

const roles = (name: 'r' | 'r2') => Prisma.sql`(VALUES
    ('primary', s."primaryKeyUri", s."primaryIdentityId", s."primaryPrincipalId"),
    ('geo', s."geoKeyUri", s."geoIdentityId", s."geoPrincipalId")) AS ${Prisma.raw(name)}("role", "keyUri", "identityId", "principalId")`

/**
 * Each key of each server with the unit it belongs to. A server whose own envelope did not open last time, or that has
 * none, is a unit of its own: its trouble is not its neighbours'.
 */
const links = ({ tenantId, states, scope }: Links) => Prisma.sql`
  SELECT s."id", s."state", s."busyOperationId", r.*, e."kid",
    concat_ws('|', lower(coalesce(r."identityId", 'service')), r."principalId", r."role", lower(coalesce(e."kid", r."keyUri")),
      CASE WHEN e."kid" IS NULL OR 'EnvelopeCorrupt' IN (s."keyAccess"->>'cause', s."standbyKeyAccess"->>'cause') THEN s."id" END) AS "unit"
  FROM "Server" s CROSS JOIN LATERAL ${roles('r')}
  LEFT JOIN "Envelope" e ON e."serverId" = s."id" AND e."role" = r."role" AND e."supersededAt" IS NULL
  WHERE s."tenantId" = ${tenantId}::uuid AND s."state" = ANY(${states}) AND r."keyUri" IS NOT NULL ${inScope(scope)}`

/** The units to probe. `seed` decides which server of a unit has its envelope opened: another one each time. */
export async function listProbeUnits(db: Db, where: Links, seed: string): Promise<ProbeUnit[]> {
  return db.$queryRaw<ProbeUnit[]>`
    SELECT "unit", min("role") AS "role", min("identityId") AS "identityId", min("principalId"::text) AS "principalId",
      min("kid") AS "kid", min("keyUri") AS "keyUri", count(*)::int AS "servers",
      substr(min(md5("id" || ${seed}) || "id"), 33) AS "sampleId"
    FROM (${links(where)}) l GROUP BY "unit" ORDER BY "unit"`
}

/** The servers of one unit, for when its sample's own envelope turns out to be damaged. */
export async function listUnitMembers(db: Db, where: Links, unit: string): Promise<string[]> {
  const rows = await db.$queryRaw<
    { id: string }[]
  >`SELECT "id" FROM (${links(where)}) l WHERE "unit" = ${unit} ORDER BY "id"`
  return rows.map((row) => row.id)
}

export type VersionlessUse = {
  role: KeyRole
  keyUri: string
  identityId: string | null
  principalId: string | null
}

/** The version-less keys in use by Ready servers, each once for each identity. */
export function listVersionlessUses(db: Db, where: Links): Promise<VersionlessUse[]> {
  return db.$queryRaw<VersionlessUse[]>`
    SELECT DISTINCT "role", "keyUri", "identityId", "principalId"::text AS "principalId" FROM (${links(where)}) l
    WHERE "state" = 'Ready' AND "busyOperationId" IS NULL AND "kid" IS NOT NULL AND "keyUri" !~ '/keys/[^/]+/[^/]+'
    ORDER BY "keyUri", "role", "identityId"`
}

/** Of each use, the Ready servers whose data key its current version `kid` does not wrap yet: one pass over the fleet. */
export async function listServersBehind(
  db: Db,
  where: Links,
  currents: { use: VersionlessUse; kid: string }[],
): Promise<string[][]> {
  const wanted = currents.map(({ use, kid }, n) => ({ n, ...use, kid }))
  const rows = await db.$queryRaw<{ n: number; ids: string[] }[]>`
    SELECT c."n", array_agg(l."id" ORDER BY l."id") AS "ids" FROM (${links(where)}) l
    JOIN jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb)
      AS c("n" int, "role" text, "keyUri" text, "identityId" text, "principalId" text, "kid" text)
      ON c."role" = l."role" AND c."keyUri" = l."keyUri" AND c."identityId" IS NOT DISTINCT FROM l."identityId"
        AND c."principalId" IS NOT DISTINCT FROM l."principalId"::text
    WHERE l."state" = 'Ready' AND l."busyOperationId" IS NULL AND lower(l."kid") <> lower(c."kid") GROUP BY c."n"`
  const found = new Map(rows.map((row) => [row.n, row.ids]))
  return currents.map((_, n) => found.get(n) ?? [])
}

/** Holds the rows of those servers that no operation works on. */
export async function lockIdleServers(db: Db, ids: string[]): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT "id" FROM "Server" WHERE "id" = ANY(${ids}) AND "busyOperationId" IS NULL AND "state" = 'Ready'
    ORDER BY "id" FOR UPDATE`
  return new Set(rows.map((row) => row.id))
}

export async function sealedVerifiersOf(db: Db, ids: string[]): Promise<Map<string, Uint8Array | null>> {
  const rows = await db.server.findMany({ where: { id: { in: ids } }, select: { id: true, sealedVerifier: true } })
  return new Map(rows.map((row) => [row.id, row.sealedVerifier]))
}

/** What a probe found, for all servers of a unit; `{server}` in the message stands for each one's name. */
export type UnitVerdict = { unit: string; verdict: KeyAccessVerdict }

/** What moved, a server or its standby. */
export type Moved<State> = {
  id: string
  name: string
  from: State
  to: State
  verdict: KeyAccessVerdict
  serverState: ServerState
}

type Moves<State extends string> = Record<'broken' | 'working', Partial<Record<State, State>>>

/** Where the verdict, the state and their times of each are kept. */
const COLUMNS = {
  server: { verdict: 'keyAccess', checkedAt: 'keyCheckedAt', state: 'state', since: 'stateSince' },
  standby: {
    verdict: 'standbyKeyAccess',
    checkedAt: 'standbyCheckedAt',
    state: 'standbyState',
    since: 'standbySince',
  },
} as const
const columnsOf = (member: Member) => {
  const quoted = (name: string) => Prisma.raw(`"${name}"`)
  const { verdict, checkedAt, state, since } = COLUMNS[member]
  return { verdict: quoted(verdict), checkedAt: quoted(checkedAt), state: quoted(state), since: quoted(since) }
}

/**
 * Writes the verdicts of whole units down, in one statement however many servers there are, for the servers or for their
 * standbys: a server's verdict is that of its first broken key. A verdict that repeats its cause keeps its `since`. Servers with an operation under way, and
 * those of which a key was not probed or whose newer verdict is there already, are left as they are.
 * @param moves state by state, where a broken and where a working key leads.
 * @returns those that changed state.
 */
export async function saveVerdicts<State extends string>(
  db: Db,
  { states, tenantId, scope }: Links,
  member: Member,
  verdicts: UnitVerdict[],
  now: Date,
  moves: Moves<State>,
): Promise<Moved<State>[]> {
  const where = { states, tenantId, scope: { ...scope, member } }
  const own = columnsOf(member)
  // Connections are refused by the server alone.
  const denied =
    member === 'server'
      ? Prisma.sql`"firstDeniedAt" = CASE WHEN n."from" = n."to" THEN s."firstDeniedAt" ELSE NULL END,`
      : Prisma.empty
  return db.$queryRaw<Moved<State>[]>`
    WITH probed AS (
      SELECT v->>'unit' AS "unit", v->'verdict' AS "verdict", (v->'verdict'->>'accessible')::boolean AS "ok"
      FROM jsonb_array_elements(${JSON.stringify(verdicts)}::jsonb) v
    ), judged AS (
      SELECT l."id", bool_and(p."ok") AS "ok", bool_or(p."unit" IS NULL) AS "open",
        (array_agg(p."verdict" ORDER BY p."ok", l."role" DESC) FILTER (WHERE p."unit" IS NOT NULL))[1] AS "verdict"
      FROM (${links(where)}) l LEFT JOIN probed p USING ("unit") GROUP BY l."id"
    ), held AS (
      SELECT s."id", s."name", s."state" AS "serverState", s.${own.state} AS "from", j."ok", j."verdict", s.${own.verdict} AS "before"
      FROM "Server" s JOIN judged j USING ("id")
      WHERE j."verdict" IS NOT NULL AND (NOT j."open" OR NOT j."ok") AND s."busyOperationId" IS NULL
        AND (s.${own.checkedAt} IS NULL OR s.${own.checkedAt} <= ${now})
        AND s."state" = ANY(${states}) ORDER BY s."id" FOR UPDATE OF s
    ), next AS (
      SELECT h."id", h."name", h."from", h."serverState",
        coalesce((CASE WHEN h."ok" THEN ${JSON.stringify(moves.working)}::jsonb ELSE ${JSON.stringify(moves.broken)}::jsonb END)->>h."from", h."from") AS "to",
        CASE WHEN h."ok" THEN h."verdict"
          ELSE h."verdict" || jsonb_build_object(
            'message', replace(h."verdict"->>'message', '{server}', h."name"),
            'since', CASE WHEN h."before"->>'cause' = h."verdict"->>'cause' AND h."before"->>'role' = h."verdict"->>'role'
              THEN h."before"->'since' ELSE h."verdict"->'since' END)
        END AS "verdict"
      FROM held h
    ), written AS (
      UPDATE "Server" s SET ${own.verdict} = n."verdict", ${own.checkedAt} = ${now}, ${own.state} = n."to", ${denied}
        ${own.since} = CASE WHEN n."from" = n."to" THEN s.${own.since} ELSE ${now} END
      FROM next n WHERE s."id" = n."id" RETURNING s."id"
    )
    SELECT n.* FROM next n JOIN written w USING ("id") WHERE n."from" <> n."to" ORDER BY n."name"`
}

/** Rows of one statement: far below the 32767 parameters that it may have. */
const ROWS_AT_ONCE = 1000

export async function insertStateChanges(
  db: Db,
  member: Member,
  common: { tenantId: string; at: Date; correlationId: string },
  changes: { serverId: string; from: string; to: string; cause: object }[],
): Promise<void> {
  for (let i = 0; i < changes.length; i += ROWS_AT_ONCE) {
    const data = changes.slice(i, i + ROWS_AT_ONCE).map((change) => ({ ...change, ...common }))
    if (member === 'server') await db.serverStateChange.createMany({ data })
    else await db.standbyStateChange.createMany({ data })
  }
}

/** Whether a server of the tenant has a standby whose key access is checked. */
export async function anyStandby(db: Db, tenantId: string, states: readonly ServerState[]): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM "Server" s WHERE s."tenantId" = ${tenantId}::uuid AND s."state" = ANY(${states}) AND ${WITH_STANDBY} LIMIT 1`
  return rows.length > 0
}

type BatchRow = Prisma.RewrapBatchGetPayload<object>

const toView = (row: BatchRow): RewrapBatchView => ({
  id: row.id,
  keyUri: row.keyUri,
  toKid: row.toKid,
  status: row.status as RewrapBatchView['status'],
  processed: row.succeeded + row.failed,
  succeeded: row.succeeded,
  failed: row.failed,
  failures: row.failures as RewrapBatchView['failures'],
  startedAt: row.startedAt.toISOString(),
  endedAt: row.endedAt?.toISOString() ?? null,
})

/** Opens the batch of a new key version, or takes the one up that is there: what failed or was cut off is counted anew. */
export async function openBatch(
  db: Db,
  init: { id: string; tenantId: string; keyUri: string; toKid: string; startedAt: Date; correlationId: string },
): Promise<RewrapBatchView> {
  const row = await db.rewrapBatch.upsert({
    where: { tenantId_toKid: { tenantId: init.tenantId, toKid: init.toKid } },
    create: { ...init, status: 'Running', succeeded: 0, failed: 0, failures: [] },
    update: { status: 'Running', failed: 0, failures: [], endedAt: null },
  })
  return toView(row)
}

export async function saveBatch(
  db: Db,
  id: string,
  { succeeded, failed, failures }: Pick<RewrapBatchView, 'succeeded' | 'failed' | 'failures'>,
): Promise<RewrapBatchView> {
  const row = await db.rewrapBatch.update({
    where: { id },
    data: {
      succeeded: { increment: succeeded },
      failed: { increment: failed },
      ...(failures.length ? { failures } : {}),
    },
  })
  return toView(row)
}

export async function endBatch(db: Db, id: string, endedAt: Date): Promise<RewrapBatchView> {
  const { failed } = await db.rewrapBatch.findUniqueOrThrow({ where: { id } })
  const status = failed > 0 ? 'Failed' : 'Succeeded'
  return toView(await db.rewrapBatch.update({ where: { id }, data: { status, endedAt } }))
}

/** The batches of one key, newest first. */
export async function listBatches(
  db: Db,
  where: { tenantId: string; storeType: 'vault' | 'managedhsm'; storeName: string; keyName: string; limit: number },
): Promise<RewrapBatchView[]> {
  const store = { startsWith: `https://${where.storeName}.${where.storeType}.`, mode: 'insensitive' as const }
  const key = { endsWith: `/keys/${where.keyName}`, mode: 'insensitive' as const }
  const rows = await db.rewrapBatch.findMany({
    where: { tenantId: where.tenantId, AND: [{ keyUri: store }, { keyUri: key }] },
    orderBy: [{ startedAt: 'desc' }, { toKid: 'asc' }],
    take: where.limit,
  })
  return rows.map(toView)
}
