import type { ActivityView } from '@/server/activity/contract'
import { takeNewActivity } from '@/server/activity/service'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { parseResourceId } from '@/server/kernel/resource-id'
import { findMetric, type ResourceSeries } from '@/server/metrics/model'
import { windowValues } from '@/server/metrics/service'
import type { MetricCriterion } from '../contract'
import type { AlertRule } from '../model'
import { type Firing, raiseAlerts, resolveAlerts } from '../raise'
import { activityContext, activityHolds, dedupTag, inScope, judgeCriterion, monitoringServiceOf } from '../rules'
import * as store from '../store'

type ActivityRule = Extract<AlertRule, { kind: 'ActivityLog' }>
type MetricRule = Extract<AlertRule, { kind: 'Metric' }>

const BATCH = 500

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
      await judgeEvents(tx, rules, events)
      return events.length
    })
    seen += taken
    if (taken < BATCH) return seen
  }
}

/** What a batch of entries led to so far; a tag is either to be raised or to be resolved. */
type Outcome = {
  kinds: Map<string, 'raise' | 'resolve'>
  firings: Firing[]
  resolutions: Map<string, { rule: AlertRule; at: Date; tags: string[] }>
}
const nothing = (): Outcome => ({ kinds: new Map(), firings: [], resolutions: new Map() })

/** Judges entries in their order; where one undoes what another did, what came before is written down first. */
async function judgeEvents(tx: Ctx, rules: ActivityRule[], events: ActivityView[]): Promise<void> {
  let outcome = nothing()
  for (const event of events) {
    for (const rule of rules) {
      const kind = inScope(rule.scopes, event.resourceId) && judge(rule, event)
      if (!kind) continue
      const tag = dedupTag(rule.id, event.resourceId)
      if ((outcome.kinds.get(tag) ?? kind) !== kind) {
        await write(tx, outcome)
        outcome = nothing()
      }
      outcome.kinds.set(tag, kind)
      if (kind === 'raise') outcome.firings.push(firingOf(rule, event, tag))
      else {
        const together = `${rule.id} ${event.at}`
        const { tags } = outcome.resolutions.get(together) ?? { tags: [] }
        outcome.resolutions.set(together, { rule, at: new Date(event.at), tags: [...tags, tag] })
      }
    }
  }
  await write(tx, outcome)
}

function judge({ condition }: ActivityRule, event: ActivityView): 'raise' | 'resolve' | null {
  if (activityHolds(event, condition.allOf)) return 'raise'
  return condition.resolveWhen && activityHolds(event, condition.resolveWhen) ? 'resolve' : null
}

async function write(tx: Ctx, { firings, resolutions }: Outcome): Promise<void> {
  await raiseAlerts(tx, firings)
  for (const { rule, at, tags } of resolutions.values()) await resolveAlerts(tx, rule, at, { only: tags })
}

const firingOf = (rule: ActivityRule, event: ActivityView, tag: string): Firing => ({
  rule,
  at: new Date(event.at),
  signalType: 'Activity Log',
  monitoringService: monitoringServiceOf(event.category),
  targetId: event.resourceId,
  targetType: event.resourceType,
  title: event.description || event.operationName,
  dedupTag: tag,
  context: activityContext(event),
})

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
  const windowOf = {
    windowSize: `PT${rule.windowMinutes}M`,
    windowStartTime: from.toISOString(),
    windowEndTime: tx.now.toISOString(),
  }
  await raiseAlerts(
    tx,
    met.map(({ resourceKey, dimensions, evidence }) => ({
      rule,
      at: tx.now,
      signalType: 'Metric',
      monitoringService: 'Platform',
      targetId: resourceKey,
      targetType: parseResourceId(resourceKey)?.type ?? '',
      title: titleOf(rule, resourceKey, dimensions),
      dedupTag: dedupTag(rule.id, resourceKey, dimensions),
      context: {
        properties: null,
        conditionType: 'SingleResourceMultipleMetricCriteria',
        condition: { ...windowOf, allOf: evidence },
      },
    })),
  )
  if (!rule.autoMitigate) return
  await resolveAlerts(tx, rule, tx.now, { except: met.map((m) => dedupTag(rule.id, m.resourceKey, m.dimensions)) })
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
