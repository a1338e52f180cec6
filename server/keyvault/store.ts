import type { Db, Prisma } from '@/server/kernel/db'
import type { AccessPolicy, NetworkAcls } from './contract'
import type { Vault } from './model'

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
