import type { Db, Prisma } from '@/server/kernel/db'
import type { AccessPolicy, NetworkAcls } from './contract'
import type { PrivateEndpoint, Vault } from './model'

const toVault = ({ nameKey: _, ...row }: Prisma.VaultGetPayload<object>): Vault => ({
  ...row,
  sku: row.sku as Vault['sku'],
  accessPolicies: row.accessPolicies as AccessPolicy[],
  networkAcls: row.networkAcls as NetworkAcls,
  tags: row.tags as Record<string, string>,
})

export async function findByName(db: Db, name: string): Promise<Vault | null> {
  const row = await db.vault.findUnique({ where: { nameKey: name.toLowerCase() } })
  return row && toVault(row)
}

/** Finds a vault and holds its row until the transaction ends. */
export async function lockByName(db: Db, name: string): Promise<Vault | null> {
  await db.$queryRaw`SELECT 1 FROM "Vault" WHERE "nameKey" = ${name.toLowerCase()} FOR UPDATE`
  return findByName(db, name)
}

/** The tenant's vaults by name, those of the service left out. */
export async function findAll(db: Db, tenantId: string, deleted: boolean): Promise<Vault[]> {
  const rows = await db.vault.findMany({
    where: { tenantId, serviceOwned: false, deletedAt: deleted ? { not: null } : null },
    orderBy: { nameKey: 'asc' },
  })
  return rows.map(toVault)
}

export async function insert(db: Db, vault: Vault): Promise<void> {
  await db.vault.create({ data: { ...vault, nameKey: vault.name.toLowerCase() } })
}

export async function save(db: Db, id: string, data: Partial<Vault>): Promise<void> {
  await db.vault.update({ where: { id }, data })
}

export async function remove(db: Db, id: string): Promise<void> {
  await db.vault.delete({ where: { id } })
}

const toEndpoint = (row: Prisma.PrivateEndpointConnectionGetPayload<object>): PrivateEndpoint => ({
  ...row,
  status: row.status as PrivateEndpoint['status'],
})

export async function isApproved(db: Db, storeId: string, privateEndpointId: string): Promise<boolean> {
  const where = { storeId, status: 'Approved', privateEndpointId: { equals: privateEndpointId, mode: 'insensitive' } }
  return (await db.privateEndpointConnection.count({ where: where as Prisma.PrivateEndpointConnectionWhereInput })) > 0
}

export async function findEndpoints(db: Db, storeId: string): Promise<PrivateEndpoint[]> {
  return (await db.privateEndpointConnection.findMany({ where: { storeId }, orderBy: { name: 'asc' } })).map(toEndpoint)
}

export async function insertEndpoint(db: Db, endpoint: PrivateEndpoint): Promise<void> {
  await db.privateEndpointConnection.create({ data: endpoint })
}

export async function saveEndpoint(
  db: Db,
  id: string,
  data: Pick<PrivateEndpoint, 'status' | 'description'>,
): Promise<void> {
  await db.privateEndpointConnection.update({ where: { id }, data })
}

export async function removeEndpoint(db: Db, id: string): Promise<void> {
  await db.privateEndpointConnection.delete({ where: { id } })
}

export async function removeEndpoints(db: Db, storeId: string): Promise<void> {
  await db.privateEndpointConnection.deleteMany({ where: { storeId } })
}
