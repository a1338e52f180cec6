import type { Principal, PrincipalKind } from '@/server/kernel/context'
import type { Db } from '@/server/kernel/db'
import { sameText } from '@/server/kernel/sql-text'
import type { PersonaView } from '../contract'

export type NewPrincipal = {
  id: string
  tenantId: string
  kind: PrincipalKind
  displayName: string
  appId?: string
  upn?: string
  mirid?: string
  jobTitle?: string
  secretHash?: string
  createdAt: Date
}

/** A directory object without its groups; `secretHash` never leaves except through `findSecretHash`. */
export type DirectoryObject = Omit<Principal, 'groupIds'> & { deletedAt: Date | null }

const PUBLIC = {
  id: true,
  kind: true,
  displayName: true,
  appId: true,
  upn: true,
  mirid: true,
  deletedAt: true,
} as const

type Row = {
  id: string
  kind: string
  displayName: string
  appId: string | null
  upn: string | null
  mirid: string | null
  deletedAt: Date | null
}

const toObject = (row: Row): DirectoryObject => ({
  objectId: row.id,
  kind: row.kind as PrincipalKind,
  displayName: row.displayName,
  appId: row.appId ?? undefined,
  upn: row.upn ?? undefined,
  mirid: row.mirid ?? undefined,
  deletedAt: row.deletedAt,
})

export async function insertPrincipal(db: Db, row: NewPrincipal): Promise<void> {
  await db.principal.create({ data: row })
}

export async function findObject(db: Db, tenantId: string, objectId: string): Promise<DirectoryObject | null> {
  const row = await db.principal.findFirst({ where: { id: objectId, tenantId }, select: PUBLIC })
  return row && toObject(row)
}

export async function findObjects(db: Db, tenantId: string, objectIds: string[]): Promise<DirectoryObject[]> {
  return (await db.principal.findMany({ where: { tenantId, id: { in: objectIds } }, select: PUBLIC })).map(toObject)
}

export async function findObjectByAppId(db: Db, tenantId: string, appId: string): Promise<DirectoryObject | null> {
  const row = await db.principal.findFirst({ where: { appId, tenantId }, select: PUBLIC })
  return row && toObject(row)
}

/** Live objects of the given kinds by name. */
export async function listObjects(db: Db, tenantId: string, kinds: PrincipalKind[]): Promise<DirectoryObject[]> {
  const where = { tenantId, kind: { in: kinds }, deletedAt: null }
  return (await db.principal.findMany({ where, select: PUBLIC, orderBy: { displayName: 'asc' } })).map(toObject)
}

export async function listDeletedObjects(
  db: Db,
  tenantId: string,
  kind: PrincipalKind,
): Promise<(DirectoryObject & { deletedAt: Date })[]> {
  const rows = await db.principal.findMany({
    where: { tenantId, kind, deletedAt: { not: null } },
    select: PUBLIC,
    orderBy: { deletedAt: 'desc' },
  })
  return rows.map((row) => ({ ...toObject(row), deletedAt: row.deletedAt! }))
}

export async function setDeletedAt(db: Db, objectId: string, deletedAt: Date | null): Promise<void> {
  await db.principal.update({ where: { id: objectId }, data: { deletedAt } })
}

export async function findSecretHash(db: Db, tenantId: string, appId: string): Promise<string | null> {
  const where = { appId, tenantId, deletedAt: null }
  return (await db.principal.findFirst({ where, select: { secretHash: true } }))?.secretHash ?? null
}

export async function saveSecretHash(db: Db, objectId: string, secretHash: string): Promise<void> {
  await db.principal.update({ where: { id: objectId }, data: { secretHash } })
}

export async function findTenantOfAppId(db: Db, appId: string): Promise<string | null> {
  return (await db.principal.findUnique({ where: { appId }, select: { tenantId: true } }))?.tenantId ?? null
}

/** A live object of any tenant by the first name given; null when none is given or none is found. */
export async function locateObject(
  db: Db,
  by: { appId?: string; id?: string; mirid?: string },
): Promise<{ tenantId: string; objectId: string } | null> {
  if (!by.appId && !by.id && !by.mirid) return null
  const row = await db.principal.findFirst({
    where: { deletedAt: null, appId: by.appId, id: by.id, mirid: by.mirid && sameText(by.mirid) },
    select: { id: true, tenantId: true },
  })
  return row && { tenantId: row.tenantId, objectId: row.id }
}

export async function insertMember(db: Db, groupId: string, memberId: string): Promise<void> {
  await db.groupMember.upsert({
    where: { groupId_memberId: { groupId, memberId } },
    update: {},
    create: { groupId, memberId },
  })
}

/** The groups an object is in, directly or through other groups. UNION (not ALL) ends at a cycle. */
export async function findGroupIds(db: Db, objectId: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ groupId: string }[]>`
    WITH RECURSIVE memberships AS (
      SELECT "groupId" FROM "GroupMember" WHERE "memberId" = ${objectId}::uuid
      UNION
      SELECT g."groupId" FROM "GroupMember" g JOIN memberships m ON g."memberId" = m."groupId"
    )
    SELECT m."groupId"::text AS "groupId" FROM memberships m
    JOIN "Principal" p ON p.id = m."groupId" AND p."deletedAt" IS NULL`
  return rows.map((row) => row.groupId)
}

export async function listPersonas(db: Db, tenantId: string): Promise<PersonaView[]> {
  const rows = await db.principal.findMany({
    where: { tenantId, kind: 'User', jobTitle: { not: null }, deletedAt: null },
    orderBy: [{ createdAt: 'asc' }, { displayName: 'asc' }],
  })
  return rows.map((p) => ({ objectId: p.id, displayName: p.displayName, upn: p.upn ?? '', jobTitle: p.jobTitle! }))
}
