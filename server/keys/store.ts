import type { Db, Prisma } from '@/server/kernel/db'
import { isKeyName, isVersion, type KeyBundle, type PublicJwk, type RotationPolicy } from './model'

const PUBLIC = { omit: { sealedPrivate: true } } as const

type KeyRow = Prisma.KeyGetPayload<object>
type VersionRow = Omit<Prisma.KeyVersionGetPayload<object>, 'sealedPrivate'>

export type StoredKey = {
  keyId: string
  tenantId: string
  storeId: string
  name: string
  policy: RotationPolicy | null
  /** The expiry of which a notice has gone out. */
  noticedExpiry: Date | null
  deletedAt: Date | null
  scheduledPurgeAt: Date | null
}

const toKey = (row: KeyRow): StoredKey => ({
  keyId: row.id,
  tenantId: row.tenantId,
  storeId: row.storeId,
  name: row.name,
  policy: row.rotationPolicy as RotationPolicy | null,
  noticedExpiry: row.noticedExpiry,
  deletedAt: row.deletedAt,
  scheduledPurgeAt: row.scheduledPurgeAt,
})

function toBundle(key: StoredKey, row: VersionRow, currentOrdinal: number): KeyBundle {
  return {
    keyId: key.keyId,
    storeId: key.storeId,
    name: key.name,
    version: row.version,
    current: row.ordinal === currentOrdinal,
    kty: row.kty,
    keySize: row.keySize,
    crv: row.crv,
    publicJwk: row.publicJwk as PublicJwk,
    keyOps: row.keyOps,
    enabled: row.enabled,
    notBefore: row.notBefore,
    expires: row.expires,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    tags: row.tags as Record<string, string>,
    deletedAt: key.deletedAt,
    scheduledPurgeAt: key.scheduledPurgeAt,
  }
}

const nameKey = (name: string) => name.toLowerCase()

export async function findKey(db: Db, storeId: string, name: string): Promise<StoredKey | null> {
  // What cannot be a name is not asked for: the database could not even take every text.
  if (!isKeyName(name)) return null
  const row = await db.key.findUnique({ where: { storeId_nameKey: { storeId, nameKey: nameKey(name) } } })
  return row && toKey(row)
}

export async function findKeyById(db: Db, keyId: string): Promise<StoredKey | null> {
  const row = await db.key.findUnique({ where: { id: keyId } })
  return row && toKey(row)
}

/** Finds a key and holds its row until the transaction ends, so that versions are added and changed one at a time. */
export async function lockKey(db: Db, storeId: string, name: string): Promise<StoredKey | null> {
  if (!isKeyName(name)) return null
  await db.$queryRaw`SELECT 1 FROM "Key" WHERE "storeId" = ${storeId} AND "nameKey" = ${nameKey(name)} FOR UPDATE`
  return findKey(db, storeId, name)
}

export async function lockKeyById(db: Db, keyId: string): Promise<StoredKey | null> {
  await db.$queryRaw`SELECT 1 FROM "Key" WHERE "id" = ${keyId}::uuid FOR UPDATE`
  return findKeyById(db, keyId)
}

/** Inserts a key unless its name is taken, by whomever. */
export async function insertKey(
  db: Db,
  key: { id: string; tenantId: string; storeId: string; name: string; createdAt: Date },
): Promise<void> {
  await db.key.createMany({ data: [{ ...key, nameKey: nameKey(key.name) }], skipDuplicates: true })
}

export async function saveKey(
  db: Db,
  keyId: string,
  data: {
    deletedAt?: Date | null
    scheduledPurgeAt?: Date | null
    rotationPolicy?: RotationPolicy
    noticedExpiry?: Date
  },
): Promise<void> {
  await db.key.update({ where: { id: keyId }, data })
}

export async function deleteKeyRow(db: Db, keyId: string): Promise<void> {
  await db.key.deleteMany({ where: { id: keyId } })
}

export type NewVersion = Omit<Prisma.KeyVersionUncheckedCreateInput, 'keyId' | 'ordinal'>

/** Adds the next version; the key's row must be locked. */
export async function insertVersion(db: Db, keyId: string, version: NewVersion): Promise<void> {
  const last = await db.keyVersion.aggregate({ where: { keyId }, _max: { ordinal: true } })
  await db.keyVersion.create({ data: { ...version, keyId, ordinal: (last._max.ordinal ?? 0) + 1 } })
}

/** A version is unique within its key alone: a restored copy keeps the versions of its original. */
type VersionId = Pick<KeyBundle, 'keyId' | 'version'>
const toId = ({ keyId, version }: VersionId) => ({ keyId, version: version.toLowerCase() })

export async function saveVersion(
  db: Db,
  id: VersionId,
  data: Pick<
    Prisma.KeyVersionUncheckedUpdateInput,
    'enabled' | 'notBefore' | 'expires' | 'keyOps' | 'tags' | 'updatedAt'
  >,
): Promise<void> {
  await db.keyVersion.update({ where: { keyId_version: toId(id) }, data })
}

/** All versions of a key, newest first. */
export async function findVersions(db: Db, key: StoredKey): Promise<KeyBundle[]> {
  const rows = await db.keyVersion.findMany({ where: { keyId: key.keyId }, orderBy: { ordinal: 'desc' }, ...PUBLIC })
  return rows.map((row) => toBundle(key, row, rows[0]!.ordinal))
}

/** One version, or the newest when `version` is null. */
export async function findVersion(db: Db, key: StoredKey, version: string | null): Promise<KeyBundle | null> {
  const newest = await db.keyVersion.findFirst({ where: { keyId: key.keyId }, orderBy: { ordinal: 'desc' }, ...PUBLIC })
  if (!newest) return null
  if (version === null || version.toLowerCase() === newest.version) return toBundle(key, newest, newest.ordinal)
  if (!isVersion(version)) return null
  const where = { keyId_version: toId({ version, keyId: key.keyId }) }
  const row = await db.keyVersion.findUnique({ where, ...PUBLIC })
  return row && toBundle(key, row, newest.ordinal)
}

export async function findSealedPrivate(db: Db, id: VersionId): Promise<Uint8Array | null> {
  const row = await db.keyVersion.findUnique({ where: { keyId_version: toId(id) }, select: { sealedPrivate: true } })
  return row?.sealedPrivate ?? null
}

export type Page = { after?: string; limit?: number }

/** The keys of a store in order of their names, each with its newest version. `after` is a key's name. */
export async function findCurrentVersions(db: Db, storeId: string, deleted: boolean, page: Page): Promise<KeyBundle[]> {
  const rows = await db.key.findMany({
    where: {
      storeId,
      deletedAt: deleted ? { not: null } : null,
      ...(page.after ? { nameKey: { gt: nameKey(page.after) } } : {}),
    },
    orderBy: { nameKey: 'asc' },
    take: page.limit,
    include: { versions: { orderBy: { ordinal: 'desc' }, take: 1, ...PUBLIC } },
  })
  return rows.flatMap((row) => row.versions.map((v) => toBundle(toKey(row), v, v.ordinal)))
}

/** The live keys of a store, each with all its versions, newest first. */
export async function findKeysWithVersions(
  db: Db,
  storeId: string,
): Promise<{ key: StoredKey; versions: KeyBundle[] }[]> {
  const rows = await db.key.findMany({
    where: { storeId, deletedAt: null },
    orderBy: { nameKey: 'asc' },
    include: { versions: { orderBy: { ordinal: 'desc' }, ...PUBLIC } },
  })
  return rows
    .filter((row) => row.versions.length > 0)
    .map((row) => ({
      key: toKey(row),
      versions: row.versions.map((v) => toBundle(toKey(row), v, row.versions[0]!.ordinal)),
    }))
}

export async function findKeysOfStore(db: Db, storeId: string): Promise<StoredKey[]> {
  return (await db.key.findMany({ where: { storeId }, orderBy: { nameKey: 'asc' } })).map(toKey)
}

type Window = { scope: string; bucket: string; startMs: number }

/** Counts units in a window unless they would go over its limit. One statement: any number may count at once. */
export async function countInWindow(
  db: Db,
  { scope, bucket, startMs, units, limit }: Window & { units: number; limit: number },
): Promise<'first' | 'counted' | 'refused'> {
  const rows = await db.$queryRaw<{ used: number }[]>`
    INSERT INTO "ThrottleWindow" AS w ("scope", "bucket", "startMs", "used", "throttled")
    VALUES (${scope}, ${bucket}, ${BigInt(startMs)}, ${units}, 0)
    ON CONFLICT ("scope", "bucket", "startMs") DO UPDATE SET "used" = w."used" + ${units}
    WHERE w."used" + ${units} <= ${limit}
    RETURNING "used"`
  if (!rows[0]) return 'refused'
  return rows[0].used === units ? 'first' : 'counted'
}

export async function countThrottled(db: Db, { scope, bucket, startMs }: Window): Promise<void> {
  const id = { scope_bucket_startMs: { scope, bucket, startMs: BigInt(startMs) } }
  await db.throttleWindow.update({ where: id, data: { throttled: { increment: 1 } } })
}

export async function forgetWindows(db: Db, scope: string, beforeMs: number): Promise<void> {
  await db.throttleWindow.deleteMany({ where: { scope, startMs: { lt: BigInt(beforeMs) } } })
}
