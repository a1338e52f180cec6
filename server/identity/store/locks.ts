import type { Db } from '@/server/kernel/db'
import type { ResourceLock } from '../model'

const keyOf = (scope: string): string => scope.toLowerCase().replace(/\/+$/, '')
const toLock = ({ level, ...row }: { level: string } & Omit<ResourceLock, 'level'>): ResourceLock => ({
  id: row.id,
  scope: row.scope,
  name: row.name,
  level: level as ResourceLock['level'],
  notes: row.notes,
  createdAt: row.createdAt,
  createdBy: row.createdBy,
})

/** The locks of a tenant; few, so that what lies above and below a scope is picked by the rules. */
export async function findLocks(db: Db, tenantId: string): Promise<ResourceLock[]> {
  return (await db.resourceLock.findMany({ where: { tenantId }, orderBy: { nameKey: 'asc' } })).map(toLock)
}

export async function saveLock(db: Db, tenantId: string, lock: ResourceLock): Promise<void> {
  const id = { tenantId, scopeKey: keyOf(lock.scope), nameKey: lock.name.toLowerCase() }
  const { level, notes } = lock
  await db.resourceLock.upsert({
    where: { tenantId_scopeKey_nameKey: id },
    create: { ...lock, ...id },
    update: { level, notes },
  })
}

export async function removeLock(db: Db, id: string): Promise<void> {
  await db.resourceLock.delete({ where: { id } })
}
