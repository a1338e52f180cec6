import type { ActivityView } from '@/server/activity/contract'
import type { ActivityQuery } from '@/server/activity/model'
import { listActivity } from '@/server/activity/service'
import { ACTIVITY_READ } from '@/server/identity/model'
import { readableScopes, requireSubscription } from '@/server/identity/service'
import { resourceGroupId, subscriptionScope } from '@/server/kernel/resource-id'
import { ArmError } from '../errors'
import { filterValue, parseFilter } from '../request'
import { type ArmCall, type ArmReply, route } from '../route'

const PAGE = 200
const value = (text: string) => ({ value: text, localizedValue: text })

function shape(event: ActivityView, tenantId: string) {
  const statusCode = event.properties.code ?? (event.status === 'Failed' ? 'Failed' : 'OK')
  return {
    authorization: { action: event.operationName, scope: event.resourceId },
    caller: event.caller,
    channels: 'Operation',
    claims: {},
    correlationId: event.correlationId,
    description: event.description,
    eventDataId: event.id,
    eventName: value('EndRequest'),
    category: value(event.category),
    eventTimestamp: event.at,
    id: `${event.resourceId.replace(/\/+$/, '')}/events/${event.id}/ticks/${event.seq}`,
    level: event.level,
    operationId: event.operationId ?? event.correlationId,
    operationName: value(event.operationName),
    resourceGroupName: event.resourceGroup ?? '',
    resourceProviderName: value(event.resourceType.split('/')[0] ?? ''),
    resourceType: value(event.resourceType),
    resourceId: event.resourceId,
    status: value(event.status),
    subStatus: value(event.status === 'Failed' ? String(statusCode) : ''),
    submissionTimestamp: event.at,
    subscriptionId: event.subscriptionId ?? '',
    tenantId,
    properties: { ...event.properties, statusCode },
  }
}

function toDate(text: string | undefined): Date | undefined {
  if (!text) return undefined
  const date = new Date(text)
  if (!Number.isNaN(date.getTime())) return date
  throw new ArmError(400, 'BadRequest', `The time '${text}' in the filter is not valid.`)
}

function toQuery(subscriptionId: string, filter: string | undefined, before: string | undefined): ActivityQuery {
  const clauses = parseFilter(filter)
  const time = (...operators: string[]) =>
    toDate(clauses.find((c) => c.name === 'eventtimestamp' && operators.includes(c.operator))?.value)
  const group = filterValue(filter, 'resourceGroupName')
  const resource = filterValue(filter, 'resourceUri') ?? filterValue(filter, 'resourceId')
  return {
    resourceId: resource ?? (group ? resourceGroupId(subscriptionId, group) : subscriptionScope(subscriptionId)),
    operationName: filterValue(filter, 'operations') ?? filterValue(filter, 'operationName'),
    correlationId: filterValue(filter, 'correlationId'),
    from: time('ge', 'gt'),
    to: time('le', 'lt'),
    before: before && /^\d+$/.test(before) ? Number(before) : undefined,
    limit: PAGE,
  }
}

async function listEvents({ ctx, params, query, base, request }: ArmCall): Promise<ArmReply> {
  const { id } = await requireSubscription(ctx, params.s!)
  const asked = toQuery(id, query.get('$filter'), query.get('$skiptoken'))
  const events = await listActivity(ctx, { ...asked, scopes: await readableScopes(ctx, ACTIVITY_READ) })
  const next = new URL(new URL(request.url).search, base)
  next.pathname = new URL(request.url).pathname
  next.searchParams.set('$skiptoken', String(events.at(-1)?.seq))
  return {
    body: {
      value: events.map((event) => shape(event, ctx.tenantId)),
      ...(events.length === PAGE ? { nextLink: next.href } : {}),
    },
  }
}

export const activityLogRoutes = [
  route('GET', '/subscriptions/{s}/providers/Microsoft.Insights/eventtypes/management/values', listEvents),
]
