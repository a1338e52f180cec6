import { schedule } from '@/server/clock/service'
import type { Ctx } from '@/server/kernel/context'
import { parseResourceId } from '@/server/kernel/resource-id'
import { readTenantSettings } from './tenants'

/**
 * Tells that from `at` on key access may differ for whoever uses a key store, or for a principal: where the tenant wants
 * it at once, its servers are checked then. Elsewhere the next periodic check finds out. In the caller's transaction.
 */
export async function keyAccessMayChange(
  tx: Ctx,
  who: { storeId: string } | { principalId: string },
  at: Date = tx.now,
): Promise<void> {
  if ((await readTenantSettings(tx)).keyChangeDetection !== 'immediate') return
  const scope = 'storeId' in who ? { storeName: parseResourceId(who.storeId)?.name } : { principalId: who.principalId }
  await schedule(tx, {
    kind: 'key-access-sweep',
    key: `change of ${scope.storeName ?? scope.principalId} at ${at.toISOString()}`,
    dueAt: at,
    payload: { scope },
  })
}
