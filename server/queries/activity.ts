import 'server-only'
import { z } from 'zod'
import type { ActivityView } from '@/server/activity/contract'
import { listActivity } from '@/server/activity/service'
import { ACTIVITY_READ } from '@/server/identity/model'
import { readableScopes } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'

const PAGE = 100
const MS_PER_HOUR = 3_600_000

/** What the address of the activity log says; anything unusable in it is ignored rather than refused. */
const filterInput = z.object({
  resource: z.string().optional().catch(undefined),
  operation: z.string().optional().catch(undefined),
  level: z.enum(['Critical', 'Error', 'Warning', 'Informational', 'Verbose']).optional().catch(undefined),
  hours: z.coerce.number().positive().max(100_000).optional().catch(undefined),
  correlation: z.uuid().optional().catch(undefined),
  before: z.coerce.number().int().positive().optional().catch(undefined),
  limit: z.coerce.number().int().min(1).max(PAGE).catch(PAGE),
})

export type ActivityPage = { events: ActivityView[]; next: number | null }

/** A page of the activity log, newest first; `next` continues it. */
export async function readActivity(ctx: Ctx, query: Record<string, string | undefined>): Promise<ActivityPage> {
  const filter = filterInput.parse(query)
  const events = await listActivity(ctx, {
    scopes: await readableScopes(ctx, ACTIVITY_READ),
    resourceId: filter.resource,
    operationName: filter.operation,
    level: filter.level,
    from: filter.hours ? new Date(ctx.now.getTime() - filter.hours * MS_PER_HOUR) : undefined,
    correlationId: filter.correlation,
    before: filter.before,
    limit: filter.limit,
  })
  return { events, next: events.length === filter.limit ? events[events.length - 1]!.seq : null }
}
