import type { Db } from '@/server/kernel/db'
import { isUnder } from '@/server/kernel/sql-text'

export type Assignment = {
  id: string
  tenantId: string
  scope: string
  roleDefinitionId: string
  principalId: string
  principalType: string
  createdAt: Date
  createdBy: string
  effectiveAt: Date
  removedAt: Date | null
  ceasesAt: Date | null
}

/** Scopes compare without case and without a slash at the end; the tenant's own scope is the empty text. */
const keyOf = (scope: string): string => scope.toLowerCase().replace(/\/+$/, '')

/** The scope and all above it, as keys. */
function keysAbove(scope: string): string[] {
  const segments = keyOf(scope).split('/')
  return segments.map((_, i) => segments.slice(0, i + 1).join('/'))
}

/** Lets one writer at a time change the assignments of a tenant, so that no duplicate slips in between. */
export async function lockAssignments(db: Db, tenantId: string): Promise<void> {
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`role-assignments/${tenantId}`}, 0))`
}

export async function insertAssignment(db: Db, row: Assignment): Promise<void> {
  await db.roleAssignment.create({ data: { ...row, scopeKey: keyOf(row.scope) } })
}

export const findAssignment = (db: Db, tenantId: string, id: string): Promise<Assignment | null> =>
  db.roleAssignment.findFirst({ where: { id, tenantId } })

/** An assignment of the same role to the same principal at the same scope that is not being removed. */
export const findSameAssignment = (
  db: Db,
  same: { tenantId: string; principalId: string; roleDefinitionId: string; scope: string },
): Promise<Assignment | null> => {
  const { scope, ...ids } = same
  return db.roleAssignment.findFirst({ where: { ...ids, scopeKey: keyOf(scope), removedAt: null } })
}

/** All assignments of these principals, whether in force or not. */
export const findAssignmentsOf = (db: Db, tenantId: string, principalIds: string[]): Promise<Assignment[]> =>
  db.roleAssignment.findMany({ where: { tenantId, principalId: { in: principalIds } }, orderBy: { createdAt: 'asc' } })

/** Assignments at the scope, with those above it when `inherited`. */
export const findAssignmentsAt = (db: Db, tenantId: string, scope: string, inherited: boolean): Promise<Assignment[]> =>
  db.roleAssignment.findMany({
    where: { tenantId, scopeKey: { in: inherited ? keysAbove(scope) : [keyOf(scope)] } },
    orderBy: [{ scopeKey: 'desc' }, { createdAt: 'asc' }],
  })

/** Assignments below the scope. */
export const findAssignmentsBelow = (db: Db, tenantId: string, scope: string): Promise<Assignment[]> =>
  db.roleAssignment.findMany({
    where: { tenantId, OR: isUnder('scopeKey', scope), scopeKey: { not: keyOf(scope) } },
    orderBy: [{ scopeKey: 'asc' }, { createdAt: 'asc' }],
  })

export async function markRemoved(db: Db, id: string, removedAt: Date, ceasesAt: Date): Promise<void> {
  await db.roleAssignment.update({ where: { id }, data: { removedAt, ceasesAt } })
}

export async function deleteAssignmentsUnder(db: Db, tenantId: string, scope: string): Promise<number> {
  return (await db.roleAssignment.deleteMany({ where: { tenantId, OR: isUnder('scopeKey', scope) } })).count
}

/** Drops the assignments that no longer count at `now`. */
export async function deleteCeased(db: Db, tenantId: string, now: Date): Promise<void> {
  await db.roleAssignment.deleteMany({ where: { tenantId, ceasesAt: { lte: now } } })
}
