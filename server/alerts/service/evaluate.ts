import type { ActivityView } from '@/server/activity/contract'
import { takeNewActivity } from '@/server/activity/service'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { parseResourceId } from '@/server/kernel/resource-id'
import { findMetric, type ResourceSeries } from '@/server/metrics/model'
import { windowValues } from '@/server/metrics/service'
import type { MetricCriterion } from '../contract'
import type { AlertRule } from '../model'
import { raiseAlert, resolveAlerts } from '../raise'
import { activityContext, activityHolds, dedupTag, inScope, judgeCriterion, monitoringServiceOf } from '../rules'
import * as store from '../store'

type ActivityRule = Extract<AlertRule, { kind: 'ActivityLog' }>
type MetricRule = Extract<AlertRule, { kind: 'Metric' }>

const BATCH = 200

/**
 * Holds the rules on the activity log against every entry that none has seen yet; each entry is judged once, at its own
 * instant. @returns how many entries there were.
 */
export async function evaluateActivityAlerts(ctx: Ctx): Promise<number> {
  let seen = 0
  for (;;) {
    const taken = await transact({ ...ctx, principal: SERVICE_PRINCIPAL }, async (tx) => {
      const events = await takeNewActivity(tx, BATCH)
      if (events.length === 0) return 0
      const rules = (await store.findRules(tx.db, tx.tenantId, {
        kind: 'ActivityLog',
        enabled: true,
      })) as ActivityRule[]
      for (const event of events) await judgeEvent(tx, rules, event)
      return events.length
    })
    seen += taken
    if (taken < BATCH) return seen
  }
}

async function judgeEvent(tx: Ctx, rules: ActivityRule[], event: ActivityView): Promise<void> {
  const at = { ...tx, now: new Date(event.at), correlationId: event.correlationId }
  for (const rule of rules) {
    if (!inScope(rule.scopes, event.resourceId)) continue
    const tag = dedupTag(rule.id, event.resourceId)
    if (activityHolds(event, rule.condition.allOf)) {
      await raiseAlert(at, rule, {
        signalType: 'Activity Log',
        monitoringService: monitoringServiceOf(event.category),
        targetId: event.resourceId,
        targetType: event.resourceType,
        title: event.description || event.operationName,
        dedupTag: tag,
        context: activityContext(event),
      })
    } else if (rule.condition.resolveWhen && activityHolds(event, rule.condition.resolveWhen)) {
      await resolveAlerts(at, rule, { only: [tag] })
    }
  }
}

const MINUTE_MS = 60_000

/** Evaluates the rules on metrics whose turn it is at `tx.now`, in the caller's transaction. */
export async function evaluateMetricAlerts(tx: Ctx): Promise<void> {
  const service = { ...tx, principal: SERVICE_PRINCIPAL }
  const rules = (await store.findRules(tx.db, tx.tenantId, { kind: 'Metric', enabled: true })) as MetricRule[]
  const due = rules.filter(
    (r) => !r.evaluatedAt || r.evaluatedAt.getTime() + r.frequencyMinutes * MINUTE_MS <= tx.now.getTime(),
  )
  for (const rule of due) await evaluateRule(service, rule)
  await store.markEvaluated(
    tx.db,
    due.map((r) => r.id),
    tx.now,
  )
}

type Met = { resourceKey: string; dimensions: Record<string, string>; evidence: object[] }

async function evaluateRule(tx: Ctx, rule: MetricRule): Promise<void> {
  // The present instant belongs to the window: what was sampled just now counts.
  const to = new Date(tx.now.getTime() + 1)
  const from = new Date(tx.now.getTime() - rule.windowMinutes * MINUTE_MS)
  const met = await targetsThatMeetAll(tx, rule, { from, to })
  for (const { resourceKey, dimensions, evidence } of met) {
    await raiseAlert(tx, rule, {
      signalType: 'Metric',
      monitoringService: 'Platform',
      targetId: resourceKey,
      targetType: parseResourceId(resourceKey)?.type ?? '',
      title: titleOf(rule, resourceKey, dimensions),
      dedupTag: dedupTag(rule.id, resourceKey, dimensions),
      context: {
        properties: null,
        conditionType: 'SingleResourceMultipleMetricCriteria',
        condition: {
          windowSize: `PT${rule.windowMinutes}M`,
          allOf: evidence,
          windowStartTime: from.toISOString(),
          windowEndTime: tx.now.toISOString(),
        },
      },
    })
  }
  if (!rule.autoMitigate) return
  await resolveAlerts(tx, rule, { except: met.map((m) => dedupTag(rule.id, m.resourceKey, m.dimensions)) })
}

function titleOf(rule: MetricRule, resourceKey: string, dimensions: Record<string, string>): string {
  const what = Object.values(dimensions).join(', ')
  return `${rule.name}: ${resourceKey.split('/').at(-1)}${what && ` / ${what}`}`
}

async function targetsThatMeetAll(tx: Ctx, rule: MetricRule, window: { from: Date; to: Date }): Promise<Met[]> {
  let met: Met[] | null = null
  for (const criterion of rule.condition.allOf) {
    const hits = await targetsThatMeet(tx, rule, criterion, window)
    const key = (m: { resourceKey: string; dimensions: Record<string, string> }) =>
      dedupTag('', m.resourceKey, m.dimensions)
    met = met
      ? met.flatMap((m) => {
          const same = hits.find((h) => key(h) === key(m))
          return same ? [{ ...m, evidence: [...m.evidence, ...same.evidence] }] : []
        })
      : hits
  }
  return met ?? []
}

async function targetsThatMeet(
  tx: Ctx,
  rule: MetricRule,
  criterion: MetricCriterion,
  window: { from: Date; to: Date },
): Promise<Met[]> {
  const metric = findMetric(criterion.metricNamespace, criterion.metricName)
  if (!metric) return []
  const series = await windowValues(tx, { metric, ...window, dimensions: criterion.dimensions })
  return series
    .filter((s) => inScope(rule.scopes, s.resourceKey) && isOfType(s, criterion.metricNamespace))
    .flatMap(({ resourceKey, dimensions, points }) => {
      const { value, met } = points[0] ? judgeCriterion(criterion, points[0]) : { value: null, met: false }
      if (!met) return []
      const named = Object.entries(dimensions).map(([name, text]) => ({ name, value: text }))
      return [
        {
          resourceKey,
          dimensions,
          evidence: [{ ...criterion, threshold: String(criterion.threshold), dimensions: named, metricValue: value }],
        },
      ]
    })
}

const isOfType = ({ resourceKey }: ResourceSeries, type: string): boolean =>
  parseResourceId(resourceKey)?.type.toLowerCase() === type.toLowerCase()
