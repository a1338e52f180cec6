import { authorize, readableFilter } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { sameId } from '@/server/kernel/resource-id'
import type { HealthPage, HealthSpan, HealthView } from '../contract/health'
import { judgeHealth } from '../rules/health'
import * as store from '../store'

const READ = 'Microsoft.ResourceHealth/availabilityStatuses/read'
const HISTORY = 200

/**
 * Health of a server now, and each span of it before, newest first.
 * @throws AppError `AuthorizationFailed`, `ResourceNotFound`.
 */
export async function resourceHealth(ctx: Ctx, serverId: string): Promise<HealthPage> {
  await authorize(ctx, READ, serverId)
  const [facts] = await store.findHealthFacts(ctx.db, ctx.tenantId, serverId)
  if (!facts)
    throw new AppError('ResourceNotFound', { publicMessage: `There is no server ${serverId.split('/').at(-1)}.` })
  const current = judgeHealth({ ...facts, now: ctx.now })
  const changes = await store.findStateHistory(ctx.db, facts.id, HISTORY)
  const past = changes.map(({ at, to, cause }, i): HealthSpan => {
    const until = changes[i - 1]?.at ?? null
    // SIMULATED: whether a connection met a past episode is not kept; it is shown as Unavailable from its begin.
    const denied = i === 0 ? facts.firstDeniedAt : to === 'Inaccessible' ? at : null
    const health = judgeHealth({
      ...facts,
      state: to,
      since: at,
      verdict: null,
      standby: null,
      firstDeniedAt: denied,
      now: ctx.now,
    })
    const summary = to === 'Inaccessible' && cause?.title ? `${cause.title}.` : health.summary
    return {
      state: health.state,
      title: health.title,
      summary,
      from: at.toISOString(),
      until: until?.toISOString() ?? null,
    }
  })
  return { current, history: past }
}

/** Health of every server that the caller may read. */
export async function healthOfAll(
  ctx: Ctx,
  subscriptionId?: string,
): Promise<{ id: string; location: string; health: HealthView }[]> {
  const [facts, readable] = await Promise.all([store.findHealthFacts(ctx.db, ctx.tenantId), readableFilter(ctx)])
  return facts
    .filter((f) => readable(f.id) && (!subscriptionId || sameId(f.subscriptionId, subscriptionId)))
    .map((f) => ({ id: f.id, location: f.location, health: judgeHealth({ ...f, now: ctx.now }) }))
}
