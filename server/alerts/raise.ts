import type { Ctx } from '@/server/kernel/context'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import type { Alert, AlertRule, Occasion } from './model'
import { enqueue } from './notify-group'
import { suppressor } from './rules'
import * as store from './store'

/** What makes an alert: the rule, and what it met at an instant. */
export type Firing = Pick<
  Alert,
  'signalType' | 'monitoringService' | 'targetId' | 'targetType' | 'title' | 'dedupTag' | 'context'
> & { rule: AlertRule; at: Date }

/**
 * Raises alerts, in as many statements for thousands as for one; the same thing again counts up the one that is there,
 * and tells nobody anew.
 */
export async function raiseAlerts(tx: Ctx, firings: Firing[]): Promise<void> {
  if (firings.length === 0) return
  const processing = await store.findProcessingRules(tx.db, tx.tenantId)
  const alerts = new Map<string | null, Alert>()
  for (const { rule, at, ...firing } of firings) {
    const first = alerts.get(firing.dedupTag)
    if (first) {
      Object.assign(first, { lastFiredAt: at, occurrences: first.occurrences + 1, context: firing.context })
      continue
    }
    const base = { ruleId: rule.id, targetId: firing.targetId, severity: rule.severity }
    alerts.set(firing.dedupTag, {
      ...firing,
      ...base,
      id: newId(),
      tenantId: tx.tenantId,
      ruleName: rule.name,
      description: rule.description,
      condition: 'Fired',
      state: 'New',
      stateChangedBy: null,
      firedAt: at,
      lastFiredAt: at,
      resolvedAt: null,
      occurrences: 1,
      suppressedBy: suppressor(processing, base, at)?.name ?? null,
    })
  }
  const fresh = await store.raise(tx.db, [...alerts.values()])
  await announce(tx.db, { tenantId: tx.tenantId, topic: 'alerts' })
  const what = ({ suppressedBy }: Alert) => (suppressedBy ? `Fired; kept silent by ${suppressedBy}` : 'Fired')
  await store.insertEvents(
    tx.db,
    fresh.map((alert) => ({ alertId: alert.id, at: alert.firedAt, what: what(alert), by: alert.ruleName })),
  )
  await tellGroups(
    tx,
    firings.map(({ rule }) => rule),
    fresh,
    'Fired',
  )
}

/** Resolves alerts of a rule, and tells those who were told that they fired. */
export async function resolveAlerts(
  tx: Ctx,
  rule: AlertRule,
  at: Date,
  tags: { only: string[] } | { except: string[] },
): Promise<void> {
  const resolved = await store.resolve(tx.db, tx.tenantId, rule.id, tags, at)
  if (resolved.length === 0) return
  await store.insertEvents(
    tx.db,
    resolved.map((alert) => ({ alertId: alert.id, at, what: 'Resolved', by: rule.name })),
  )
  await tellGroups(tx, [rule], resolved, 'Resolved')
  await announce(tx.db, { tenantId: tx.tenantId, topic: 'alerts' })
}

async function tellGroups(tx: Ctx, rules: AlertRule[], alerts: Alert[], occasion: Occasion): Promise<void> {
  const audible = alerts.filter((alert) => !alert.suppressedBy)
  const groupIds = new Map(rules.map((rule) => [rule.id, rule.actionGroupIds]))
  if (audible.length === 0 || ![...groupIds.values()].some((ids) => ids.length > 0)) return
  const groups = new Map((await store.findGroups(tx.db, tx.tenantId)).map((g) => [g.id.toLowerCase(), g]))
  const messages = audible.flatMap((alert) =>
    (groupIds.get(alert.ruleId) ?? []).flatMap((id) => {
      const group = groups.get(id.toLowerCase())
      return group ? [{ group, alert }] : []
    }),
  )
  await enqueue(tx, messages, occasion)
}
