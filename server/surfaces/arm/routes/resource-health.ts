import { requireSubscription } from '@/server/identity/service'
import type { HealthView } from '@/server/monitor/contract/health'
import { healthOfAll, resourceHealth } from '@/server/monitor/service'
import { type ArmCall, type ArmReply, list, route } from '../route'

const TYPE = 'Microsoft.ResourceHealth/AvailabilityStatuses'

/** `occuredTime` is how the wire spells it. */
const shape = (resourceId: string, health: HealthView, name = 'current', location?: string) => ({
  id: `${resourceId}/providers/${TYPE}/${name}`,
  name,
  type: TYPE,
  ...(location ? { location } : {}),
  properties: {
    availabilityState: health.state,
    title: health.title,
    summary: health.summary,
    reasonType: health.reasonType,
    context: health.context,
    category: health.reasonType === 'UserInitiated' ? 'Not Applicable' : health.reasonType,
    healthEventCause: health.context === 'Customer Initiated' ? 'UserInitiated' : '',
    occuredTime: health.occurredAt,
    reasonChronicity: health.reasonChronicity,
    reportedTime: health.reportedAt,
    recommendedActions: health.recommendedActions,
    serviceImpactingEvents: [],
  },
})

async function current({ ctx, params }: ArmCall): Promise<ArmReply> {
  return { body: shape(params.scope!, (await resourceHealth(ctx, params.scope!)).current) }
}

/** The present status, and each one before it under the time at which it began. */
async function history({ ctx, params }: ArmCall): Promise<ArmReply> {
  const { current: now, history: spans } = await resourceHealth(ctx, params.scope!)
  const past = spans.slice(1).map(({ from, state, title, summary }) => {
    const unavailable = state === 'Unavailable'
    const reason = unavailable ? now.reasonType || 'UserInitiated' : ''
    const then: HealthView = {
      ...now,
      state,
      title,
      summary,
      occurredAt: from,
      reportedAt: from,
      reasonType: reason,
      recommendedActions: [],
    }
    return shape(params.scope!, then, from.replace(/[:.]/g, '+'))
  })
  return list([shape(params.scope!, now), ...past])
}

async function ofSubscription({ ctx, params }: ArmCall): Promise<ArmReply> {
  const { id } = await requireSubscription(ctx, params.s!)
  const found = await healthOfAll(ctx, id)
  const group = params.g?.toLowerCase()
  return list(
    found
      .filter((f) => !group || f.id.toLowerCase().includes(`/resourcegroups/${group}/`))
      .map((f) => shape(f.id, f.health, 'current', f.location)),
  )
}

export const resourceHealthRoutes = [
  // Before those of any scope, whose pattern a subscription fits as well.
  route('GET', `/subscriptions/{s}/providers/Microsoft.ResourceHealth/availabilityStatuses`, ofSubscription),
  route(
    'GET',
    `/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.ResourceHealth/availabilityStatuses`,
    ofSubscription,
  ),
  route('GET', '{scope}/providers/Microsoft.ResourceHealth/availabilityStatuses/current', current),
  route('GET', '{scope}/providers/Microsoft.ResourceHealth/availabilityStatuses', history),
]
