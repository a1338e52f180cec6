import type { ActivityView } from '@/server/activity/contract'
import { scopeContains } from '@/server/kernel/resource-id'
import { aggregate } from '@/server/metrics/contract'
import { type Bucket, type Dimensions, formatDimensions } from '@/server/metrics/model'
import type { ActivityLeaf, ActivityTest, MetricCriterion, Operator } from './contract'
import { type Alert, BACK_OFF_MS, type CommonAlert, type Occasion, type ProcessingRule } from './model'

const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase()

/** The text that a field of a condition names in an entry of the activity log; null when the entry has none. */
export function fieldOf(event: ActivityView, field: string): string | null {
  const name = field.toLowerCase()
  if (name.startsWith('properties.')) return propertyOf(event.properties, field.slice('properties.'.length))
  const found = Object.entries(event).find(([key]) => key.toLowerCase() === name)?.[1]
  if (name === 'substatus') return propertyOf(event.properties, 'code')
  return typeof found === 'string' ? found : null
}

function propertyOf(properties: Record<string, unknown>, path: string): string | null {
  let value: unknown = properties
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null) return null
    value = Object.entries(value).find(([key]) => same(key, part))?.[1]
  }
  return value === undefined || value === null || typeof value === 'object' ? null : String(value)
}

function leafHolds(event: ActivityView, leaf: ActivityLeaf): boolean {
  const value = fieldOf(event, leaf.field)
  if (value === null) return false
  if ('equals' in leaf) return same(value, leaf.equals)
  return leaf.containsAny.some((part) => value.toLowerCase().includes(part.toLowerCase()))
}

/** Whether an entry meets every test; compared without case, as activity-log alerts do. */
export const activityHolds = (event: ActivityView, tests: ActivityTest[]): boolean =>
  tests.every((test) => ('anyOf' in test ? test.anyOf.some((leaf) => leafHolds(event, leaf)) : leafHolds(event, test)))

export const inScope = (scopes: string[], resourceId: string): boolean =>
  scopes.some((scope) => scopeContains(scope, resourceId))

const COMPARE: Record<Operator, (value: number, threshold: number) => boolean> = {
  GreaterThan: (v, t) => v > t,
  GreaterThanOrEqual: (v, t) => v >= t,
  LessThan: (v, t) => v < t,
  LessThanOrEqual: (v, t) => v <= t,
  Equals: (v, t) => v === t,
}

/** The value that a criterion sees in a window, and whether it is met; without values it is not. */
export function judgeCriterion(criterion: MetricCriterion, window: Bucket): { value: number | null; met: boolean } {
  const value = aggregate(window, criterion.timeAggregation)
  return { value, met: value !== null && COMPARE[criterion.operator](value, criterion.threshold) }
}

/** What makes two firings the same: rule, target and, for metrics, the combination of dimensions. */
export const dedupTag = (ruleId: string, targetId: string, dimensions: Dimensions = {}): string =>
  [ruleId, targetId, formatDimensions(dimensions)].join('|').toLowerCase()

/** The first processing rule in force that keeps the action groups silent for an alert; null when none does. */
export function suppressor(
  rules: ProcessingRule[],
  alert: Pick<Alert, 'ruleId' | 'targetId' | 'severity'>,
  now: Date,
): ProcessingRule | null {
  const applies = (rule: ProcessingRule) =>
    rule.enabled &&
    inScope(rule.scopes, alert.targetId) &&
    (rule.severities.length === 0 || rule.severities.includes(alert.severity)) &&
    (rule.ruleIds.length === 0 || rule.ruleIds.some((id) => same(id, alert.ruleId))) &&
    (!rule.startsAt || rule.startsAt <= now) &&
    (!rule.endsAt || now < rule.endsAt)
  return rules.find(applies) ?? null
}

/** Real milliseconds until the next attempt, or null when it is given up. `attempts` are those made so far. */
export const backOff = (attempts: number): number | null => BACK_OFF_MS[attempts - 1] ?? null

/** Whether an HTTP status is worth another attempt. */
export const isWorthRetrying = (status: number): boolean => status === 408 || status === 429 || status >= 500

const ALERTS = 'providers/Microsoft.AlertsManagement/alerts'
export const alertResourceId = (alert: Pick<Alert, 'id' | 'targetId'>): string =>
  `${/^\/subscriptions\/[^/]+/i.exec(alert.targetId)?.[0] ?? ''}/${ALERTS}/${alert.id}`

/** An alert in the common alert schema 1.0, as webhooks get it. */
export function commonAlert(
  alert: Alert,
  occasion: Occasion,
  customProperties: Record<string, string> | null = null,
): CommonAlert {
  const group = /\/resourceGroups\/([^/]+)/i.exec(alert.targetId)?.[1]
  return {
    schemaId: 'azureMonitorCommonAlertSchema',
    data: {
      essentials: {
        alertId: alertResourceId(alert),
        alertRule: alert.ruleName,
        alertRuleId: alert.ruleId,
        severity: `Sev${alert.severity}`,
        signalType: alert.signalType,
        monitorCondition: occasion === 'Resolved' ? 'Resolved' : 'Fired',
        monitoringService: alert.monitoringService,
        alertTargetIDs: [alert.targetId.toLowerCase()],
        configurationItems: [alert.targetId.split('/').at(-1) ?? ''],
        originAlertId: alert.id,
        firedDateTime: alert.firedAt.toISOString(),
        ...(alert.resolvedAt ? { resolvedDateTime: alert.resolvedAt.toISOString() } : {}),
        description: alert.description,
        essentialsVersion: '1.0',
        alertContextVersion: '1.0',
        ...(group ? { targetResourceGroup: group } : {}),
        targetResourceType: alert.targetType.toLowerCase(),
      },
      alertContext: alert.context,
      customProperties,
    },
  }
}

const SERVICES: Record<string, string> = { ResourceHealth: 'Resource Health', ServiceHealth: 'ServiceHealth' }
export const monitoringServiceOf = (category: string): string => SERVICES[category] ?? `Activity Log - ${category}`

/** The alert context of an activity-log alert. */
export const activityContext = (event: ActivityView): Record<string, unknown> => ({
  authorization: { action: event.operationName, scope: event.resourceId },
  channels: event.category === 'ResourceHealth' ? 'Admin, Operation' : 'Operation',
  claims: '{}',
  caller: event.caller,
  correlationId: event.correlationId,
  eventSource: event.category,
  eventTimestamp: event.at,
  eventDataId: event.id,
  level: event.level,
  operationName: event.operationName,
  operationId: event.operationId ?? event.correlationId,
  properties: { title: event.description, ...event.properties },
  resourceId: event.resourceId,
  resourceGroupName: event.resourceGroup,
  resourceProviderName: event.resourceType.split('/')[0] ?? '',
  resourceType: event.resourceType,
  status: event.status,
  subStatus: fieldOf(event, 'subStatus') ?? '',
  submissionTimestamp: event.at,
})
