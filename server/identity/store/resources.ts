import type { Db } from '@/server/kernel/db'
import { resourceGroupId } from '@/server/kernel/resource-id'
import { sameText } from '@/server/kernel/sql-text'
import type { IdentityView, ResourceGroupDetail, SubscriptionView } from '../contract'

type Tags = Record<string, string>

export async function insertSubscription(db: Db, row: SubscriptionView & { tenantId: string }): Promise<void> {
  await db.subscription.create({ data: row })
}

export const selectSubscriptions = (db: Db, tenantId: string): Promise<SubscriptionView[]> =>
  db.subscription.findMany({ where: { tenantId }, select: { id: true, name: true }, orderBy: { name: 'asc' } })

export const findSubscription = (db: Db, tenantId: string, id: string): Promise<SubscriptionView | null> =>
  db.subscription.findFirst({ where: { tenantId, id }, select: { id: true, name: true } })

export async function findSubscriptionTenant(db: Db, id: string): Promise<string | null> {
  return (await db.subscription.findUnique({ where: { id }, select: { tenantId: true } }))?.tenantId ?? null
}

const GROUP = { id: true, subscriptionId: true, name: true, location: true, tags: true } as const
const toGroup = <Row extends { tags: unknown }>(row: Row) => ({ ...row, tags: row.tags as Tags })

export async function selectResourceGroups(db: Db, tenantId: string): Promise<ResourceGroupDetail[]> {
  return (await db.resourceGroup.findMany({ where: { tenantId }, select: GROUP, orderBy: { name: 'asc' } })).map(
    toGroup,
  )
}

export async function findResourceGroup(db: Db, tenantId: string, id: string): Promise<ResourceGroupDetail | null> {
  const row = await db.resourceGroup.findFirst({ where: { tenantId, id: sameText(id) }, select: GROUP })
  return row && toGroup(row)
}

export async function insertResourceGroup(
  db: Db,
  row: Omit<ResourceGroupDetail, 'id'> & { tenantId: string; createdAt: Date },
): Promise<void> {
  await db.resourceGroup.create({ data: { ...row, id: resourceGroupId(row.subscriptionId, row.name) } })
}

export async function saveResourceGroupTags(db: Db, id: string, tags: Tags): Promise<void> {
  await db.resourceGroup.update({ where: { id }, data: { tags } })
}

export type IdentityRow = Omit<IdentityView, 'createdAt'> & { createdAt: Date }

/**
 * The row of a deleted identity stays, so that its principal can be restored with it; it is live while the principal
 * it names is. A new identity of the same name takes the row over.
 */
async function onlyLive(db: Db, rows: (IdentityRow | null)[]): Promise<IdentityRow[]> {
  const present = rows.filter((row) => row !== null)
  const ids = present.map((row) => row.principalId)
  const live = await db.principal.findMany({ where: { id: { in: ids }, deletedAt: null }, select: { id: true } })
  const liveIds = new Set(live.map((p) => p.id))
  return present.filter((row) => liveIds.has(row.principalId))
}

/** The row under this resource id, also that of a deleted identity. */
export async function findIdentityRow(db: Db, tenantId: string, id: string): Promise<IdentityRow | null> {
  const row = await db.managedIdentity.findFirst({ where: { tenantId, id: sameText(id) } })
  return row && toGroup(row)
}

export async function findLiveIdentity(db: Db, tenantId: string, id: string): Promise<IdentityRow | null> {
  return (await onlyLive(db, [await findIdentityRow(db, tenantId, id)]))[0] ?? null
}

export async function selectLiveIdentities(db: Db, tenantId: string): Promise<IdentityRow[]> {
  const rows = await db.managedIdentity.findMany({ where: { tenantId }, orderBy: { name: 'asc' } })
  return onlyLive(db, rows.map(toGroup))
}

export async function saveIdentity(db: Db, row: IdentityRow): Promise<void> {
  await db.managedIdentity.upsert({ where: { id: row.id }, update: row, create: row })
}
