import 'server-only'
import type { LockView, Permission } from '@/server/identity/contract'
import { canEach, listLocks, principalNames } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { type ScopeTrail, trailOf } from './access'

export type LocksView = {
  scope: string
  trail: ScopeTrail
  /** Its own and those above it; whoever put one is null when the directory has nobody of that id any more. */
  locks: (LockView & { creator: string | null })[]
  permissions: Record<'write' | 'remove', Permission>
}

/** The locks that hold for a scope. @throws AppError `AuthorizationFailed`, `ResourceNotFound`. */
export async function readLocks(ctx: Ctx, scope: string): Promise<LocksView> {
  const [locks, trail, permissions] = await Promise.all([
    listLocks(ctx, scope),
    trailOf(ctx, scope),
    canEach(ctx, {
      write: { action: 'Microsoft.Authorization/locks/write', scope },
      remove: { action: 'Microsoft.Authorization/locks/delete', scope },
    }),
  ])
  const names = await principalNames(
    ctx,
    locks.map((lock) => lock.createdBy),
  )
  return { scope, trail, locks: locks.map((l) => ({ ...l, creator: names.get(l.createdBy) ?? null })), permissions }
}
