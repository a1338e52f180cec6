import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { parseResourceId, subscriptionScope } from '@/server/kernel/resource-id'
import { realNowMs } from '@/server/kernel/time'
import type { KeyRequest } from '../model'
import { SUBSCRIPTION_FACTOR, THROTTLE_LIMITS, WINDOW_MS } from '../model'
import { costOf } from '../rules'
import * as store from '../store'

export type ThrottledKey = { kty: string; keySize: number | null }

const KEPT_MS = 3_600_000

/**
 * Counts a key request against the published limits of its vault and subscription, or refuses it. A refused one does not
 * count. Windows are of real time: a client backs off in real time, and on a paused clock none would ever end.
 * @param key the key it is about, where that is known: larger keys cost more.
 * @throws AppError `Throttled`, with the seconds until the window ends.
 */
export async function throttle(
  ctx: Ctx,
  storeId: string,
  request: KeyRequest,
  key: ThrottledKey | null,
): Promise<void> {
  const { bucket, units } = costOf(request, key)
  const nowMs = realNowMs()
  const startMs = nowMs - (nowMs % WINDOW_MS)
  const subscriptionId = parseResourceId(storeId)?.subscriptionId
  const limit = THROTTLE_LIMITS[bucket]
  const scopes = [
    { scope: storeId.toLowerCase(), limit },
    ...(subscriptionId
      ? [{ scope: subscriptionScope(subscriptionId).toLowerCase(), limit: limit * SUBSCRIPTION_FACTOR }]
      : []),
  ]
  for (const { scope, limit } of scopes) {
    const counted = await store.countInWindow(ctx.db, { scope, bucket, startMs, units, limit })
    if (counted === 'first') await store.forgetWindows(ctx.db, scope, startMs - KEPT_MS)
    if (counted !== 'refused') continue
    await store.countThrottled(ctx.db, { scope, bucket, startMs })
    throw new AppError('Throttled', {
      publicMessage:
        'Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached',
      retryAfterSeconds: Math.max(1, Math.ceil((startMs + WINDOW_MS - nowMs) / 1000)),
    })
  }
}
