import type { JWK } from 'jose'
import type { Db } from '@/server/kernel/db'
import { sameText } from '@/server/kernel/sql-text'

export type Tenant = { id: string; name: string; domain: string; settings: unknown; seededAt: Date | null }
const TENANT = { id: true, name: true, domain: true, settings: true, seededAt: true } as const

export async function insertTenant(db: Db, row: { id: string; name: string; domain: string }): Promise<void> {
  await db.tenant.create({ data: row })
}

export const findTenant = (db: Db, id: string): Promise<Tenant | null> =>
  db.tenant.findUnique({ where: { id }, select: TENANT })

export const findTenantByDomain = (db: Db, domain: string): Promise<Tenant | null> =>
  db.tenant.findFirst({ where: { domain: sameText(domain) }, select: TENANT })

export async function findFirstTenant(db: Db): Promise<string | null> {
  const row = await db.tenant.findFirst({ orderBy: [{ seededAt: { sort: 'asc', nulls: 'last' } }, { id: 'asc' }] })
  return row?.id ?? null
}

export async function saveSettings(db: Db, id: string, settings: object): Promise<void> {
  await db.tenant.update({ where: { id }, data: { settings } })
}

export type SigningKeyRow = { id: string; publicJwk: JWK; sealedPrivate: Uint8Array }

export async function insertSigningKey(
  db: Db,
  row: { id: string; tenantId: string; publicJwk: JWK; sealedPrivate: Uint8Array<ArrayBuffer>; createdAt: Date },
): Promise<void> {
  await db.signingKey.create({ data: { ...row, publicJwk: row.publicJwk as object } })
}

/** Newest first: that one signs; all of them verify. */
export async function selectSigningKeys(db: Db, tenantId: string): Promise<SigningKeyRow[]> {
  const rows = await db.signingKey.findMany({ where: { tenantId }, orderBy: { createdAt: 'desc' } })
  return rows.map(({ id, publicJwk, sealedPrivate }) => ({ id, publicJwk: publicJwk as unknown as JWK, sealedPrivate }))
}

export async function saveSeededAt(db: Db, tenantId: string, seededAt: Date): Promise<void> {
  await db.tenant.update({ where: { id: tenantId }, data: { seededAt } })
}
