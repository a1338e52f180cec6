import { recordWrite } from '@/server/activity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { sameId } from '@/server/kernel/resource-id'
import { type LockView, type SetLockInput, setLockInput } from '../contract'
import type { ResourceLock } from '../model'
import { locksAt } from '../rules'
import { findLocks, removeLock, saveLock } from '../store/locks'
import { authorize } from './authorization'

const READ = 'Microsoft.Authorization/locks/read'
const WRITE = 'Microsoft.Authorization/locks/write'
const DELETE = 'Microsoft.Authorization/locks/delete'

const toView = (lock: ResourceLock, scope: string): LockView => ({
  ...lock,
  inherited: !sameId(lock.scope, scope),
  createdAt: lock.createdAt.toISOString(),
})

/** The locks that hold for a scope: its own and those above it. @throws AppError `AuthorizationFailed`. */
export async function listLocks(ctx: Ctx, scope: string): Promise<LockView[]> {
  await authorize(ctx, READ, scope)
  return locksAt(await findLocks(ctx.db, ctx.tenantId), scope).map((lock) => toView(lock, scope))
}

/** Of many scopes at once, those that some lock keeps from being deleted; for the service's own judgements. */
export async function lockedScopes(ctx: Ctx, scopes: string[]): Promise<Set<string>> {
  const locks = await findLocks(ctx.db, ctx.tenantId)
  return new Set(scopes.filter((scope) => locksAt(locks, scope).length > 0))
}

/** Puts a lock on a scope, or changes the one of that name there. @throws AppError `AuthorizationFailed`, `BadParameter`. */
export async function setLock(ctx: Ctx, input: SetLockInput): Promise<LockView> {
  const event = { operationName: WRITE, resourceId: input.scope, description: `Set the lock ${input.name}` }
  return recordWrite(ctx, event, async (tx) => {
    await authorize(tx, WRITE, input.scope)
    const parsed = setLockInput.safeParse(input)
    if (!parsed.success) throw new AppError('BadParameter', { publicMessage: parsed.error.issues[0]!.message })
    const { scope, name, level, notes } = parsed.data
    const known = await findOwn(tx, scope, name)
    const made = known ?? { id: newId(), createdAt: tx.now, createdBy: tx.principal.objectId }
    const lock: ResourceLock = { ...made, scope: known?.scope ?? scope, name: known?.name ?? name, level, notes }
    await saveLock(tx.db, tx.tenantId, lock)
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'resources' })
    return toView(lock, scope)
  })
}

async function findOwn(ctx: Ctx, scope: string, name: string): Promise<ResourceLock | undefined> {
  const locks = await findLocks(ctx.db, ctx.tenantId)
  return locks.find((lock) => sameId(lock.scope, scope) && sameId(lock.name, name))
}

/** Takes a lock away; false when there is none of that name at the scope. @throws AppError `AuthorizationFailed`. */
export async function deleteLock(ctx: Ctx, scope: string, name: string): Promise<boolean> {
  const event = { operationName: DELETE, resourceId: scope, description: `Delete the lock ${name}` }
  return recordWrite(ctx, event, async (tx) => {
    await authorize(tx, DELETE, scope)
    const lock = await findOwn(tx, scope, name)
    if (!lock) return false
    await removeLock(tx.db, lock.id)
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'resources' })
    return true
  })
}
