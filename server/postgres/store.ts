import type { Db } from '@/server/kernel/db'
import { Prisma } from '@/server/kernel/db'
import { sameText } from '@/server/kernel/sql-text'
import type { KeyAccessVerdict, ServerProperties, ServerRecord, ServerState, StandbyState } from './model'

type Row = Prisma.ServerGetPayload<object>

const toRecord = (row: Row): ServerRecord => ({
  ...row,
  state: row.state as ServerState,
  encryptionType: row.encryptionType as ServerRecord['encryptionType'],
  properties: row.properties as unknown as ServerProperties,
  tags: row.tags as Record<string, string>,
  keyAccess: row.keyAccess as unknown as KeyAccessVerdict | null,
  standbyState: row.standbyState as StandbyState,
  standbyKeyAccess: row.standbyKeyAccess as unknown as KeyAccessVerdict | null,
})

const json = (value: unknown) => value as Prisma.InputJsonValue
const jsonOrNull = (value: unknown) => (value === null ? Prisma.DbNull : json(value))

export async function insertServer(db: Db, record: ServerRecord): Promise<void> {
  const { sealedVerifier, keyAccess, standbyKeyAccess, ...rest } = record
  await db.server.create({
    data: {
      ...rest,
      properties: json(record.properties),
      tags: json(record.tags),
      keyAccess: jsonOrNull(keyAccess),
      standbyKeyAccess: jsonOrNull(standbyKeyAccess),
      sealedVerifier: sealedVerifier && Uint8Array.from(sealedVerifier),
    },
  })
}

export async function findServer(db: Db, where: { id?: string; name?: string }): Promise<ServerRecord | null> {
  const row = await db.server.findFirst({
    where: where.id ? { id: { equals: where.id, mode: 'insensitive' } } : { name: where.name ?? '' },
  })
  return row && toRecord(row)
}

/** Reads a server and holds its row until the transaction ends. */
export async function lockServer(db: Db, id: string): Promise<ServerRecord | null> {
  await db.$executeRaw`SELECT 1 FROM "Server" WHERE lower("id") = lower(${id}) FOR UPDATE`
  return findServer(db, { id })
}

export async function listServers(
  db: Db,
  tenantId: string,
  where: { states?: ServerState[] } = {},
): Promise<ServerRecord[]> {
  const rows = await db.server.findMany({
    where: { tenantId, state: where.states && { in: where.states } },
    orderBy: { name: 'asc' },
  })
  return rows.map(toRecord)
}

export async function serverNameTaken(db: Db, name: string): Promise<boolean> {
  return (await db.server.count({ where: { name } })) > 0
}

export type ServerPatch = Partial<
  Pick<
    ServerRecord,
    | 'state'
    | 'stateSince'
    | 'primaryKeyUri'
    | 'primaryIdentityId'
    | 'primaryPrincipalId'
    | 'geoKeyUri'
    | 'geoIdentityId'
    | 'geoPrincipalId'
    | 'identityIds'
    | 'tags'
    | 'properties'
    | 'keyAccess'
    | 'keyCheckedAt'
    | 'standbyKeyAccess'
    | 'busyOperationId'
    | 'sealedVerifier'
    | 'firstDeniedAt'
    | 'wakeAskedMs'
  >
>

export async function updateServer(db: Db, id: string, patch: ServerPatch): Promise<void> {
  const { keyAccess, standbyKeyAccess, sealedVerifier, properties, ...rest } = patch
  await db.server.update({
    where: { id },
    data: {
      ...rest,
      ...(properties === undefined ? {} : { properties: json(properties) }),
      ...(keyAccess === undefined ? {} : { keyAccess: jsonOrNull(keyAccess) }),
      ...(standbyKeyAccess === undefined ? {} : { standbyKeyAccess: jsonOrNull(standbyKeyAccess) }),
      ...(sealedVerifier === undefined ? {} : { sealedVerifier: sealedVerifier && Uint8Array.from(sealedVerifier) }),
    },
  })
}

export async function deleteServer(db: Db, id: string): Promise<void> {
  await db.firewallRule.deleteMany({ where: { serverId: id } })
  await db.server.deleteMany({ where: { id } })
}

export async function insertStateChange(
  db: Db,
  change: {
    serverId: string
    tenantId: string
    at: Date
    from: ServerState | null
    to: ServerState
    cause: object | null
    correlationId: string
  },
): Promise<void> {
  await db.serverStateChange.create({ data: { ...change, cause: jsonOrNull(change.cause) } })
}

export async function listStateChanges(db: Db, serverId: string, limit: number) {
  const rows = await db.serverStateChange.findMany({ where: { serverId }, orderBy: { seq: 'desc' }, take: limit })
  return rows.map((r) => ({
    at: r.at,
    from: r.from as ServerState | null,
    to: r.to as ServerState,
    cause: r.cause as { title?: string } | null,
    correlationId: r.correlationId,
  }))
}

/** States of a server's standby, newest first. */
export async function listStandbyChanges(db: Db, serverId: string, limit: number) {
  const rows = await db.standbyStateChange.findMany({ where: { serverId }, orderBy: { seq: 'desc' }, take: limit })
  return rows.map((r) => ({
    at: r.at,
    from: r.from as StandbyState,
    to: r.to as StandbyState,
    cause: r.cause as { title?: string } | null,
    correlationId: r.correlationId,
  }))
}

export async function replaceFirewallRules(
  db: Db,
  serverId: string,
  rules: { name: string; startIp: string; endIp: string }[],
): Promise<void> {
  await db.firewallRule.deleteMany({ where: { serverId } })
  await db.firewallRule.createMany({ data: rules.map((rule) => ({ serverId, ...rule })) })
}

export const listFirewallRules = (db: Db, serverIds: string[]) =>
  db.firewallRule.findMany({ where: { serverId: { in: serverIds } }, orderBy: { name: 'asc' } })

/** Servers by id, in any case. */
export async function findServers(db: Db, ids: string[]): Promise<ServerRecord[]> {
  if (ids.length === 0) return []
  const rows = await db.server.findMany({ where: { OR: ids.map((id) => ({ id: sameText(id) })) } })
  return rows.map(toRecord)
}

export async function listAskedForWaking(db: Db): Promise<ServerRecord[]> {
  return (await db.server.findMany({ where: { wakeAskedMs: { not: null } } })).map(toRecord)
}

/** What the newest engine says of itself; null when none runs databases or says why not. */
export async function findInstallation(db: Db): Promise<{ dataPlane: unknown; postgresPort: number | null } | null> {
  return db.engine.findFirst({
    where: { dataPlane: { not: Prisma.AnyNull } },
    select: { dataPlane: true, postgresPort: true },
    orderBy: { heartbeatMs: 'desc' },
  })
}

export async function saveInstallation(db: Db, id: string, dataPlane: object, postgresPort: number): Promise<void> {
  const row = { dataPlane: json(dataPlane), postgresPort }
  await db.engine.upsert({
    where: { id },
    update: row,
    create: { id, ...row, heartbeatMs: 0n, httpsPort: 0, startedMs: 0n },
  })
}
