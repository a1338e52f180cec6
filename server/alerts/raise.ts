import type { Ctx } from '@/server/kernel/context'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import type { Alert, AlertRule, Occasion } from './model'
import { enqueue } from './notify-group'
import { suppressor } from './rules'
import * as store from './store'

type Firing = Pick<
  Alert,
  'signalType' | 'monitoringService' | 'targetId' | 'targetType' | 'title' | 'dedupTag' | 'context'
>

/** Raises an alert by a rule at `tx.now`; the same thing again counts up the one that is there, and tells nobody anew. */
export async function raiseAlert(tx: Ctx, rule: AlertRule, firing: Firing): Promise<void> {
  const base = { ruleId: rule.id, targetId: firing.targetId, severity: rule.severity }
  const silence = suppressor(await store.findProcessingRules(tx.db, tx.tenantId), base, tx.now)
  const alert: Alert = {
    ...firing,
    ...base,
    id: newId(),
    tenantId: tx.tenantId,
    ruleName: rule.name,
    description: rule.description,
    condition: 'Fired',
    state: 'New',
    stateChangedBy: null,
    firedAt: tx.now,
    lastFiredAt: tx.now,
    resolvedAt: null,
    occurrences: 1,
    suppressedBy: silence?.name ?? null,
  }
  const { id, fresh } = await store.raise(tx.db, alert)
  await announce(tx.db, { tenantId: tx.tenantId, topic: 'alerts' })
  if (!fresh) return
  const what = silence ? `Fired; kept silent by ${silence.name}` : 'Fired'
  await store.insertEvent(tx.db, { alertId: id, at: tx.now, what, by: rule.name })
  if (!silence) await tellGroups(tx, rule, { ...alert, id }, 'Fired')
}

/** Resolves alerts of a rule at `tx.now`, and tells those who were told that they fired. */
export async function resolveAlerts(
  tx: Ctx,
  rule: AlertRule,
  tags: { only: string[] } | { except: string[] },
): Promise<void> {
  const resolved = await store.resolve(tx.db, tx.tenantId, rule.id, tags, tx.now)
  for (const alert of resolved) {
    await store.insertEvent(tx.db, { alertId: alert.id, at: tx.now, what: 'Resolved', by: rule.name })
    if (!alert.suppressedBy) await tellGroups(tx, rule, alert, 'Resolved')
  }
  if (resolved.length) await announce(tx.db, { tenantId: tx.tenantId, topic: 'alerts' })
}

async function tellGroups(tx: Ctx, rule: AlertRule, alert: Alert, occasion: Occasion): Promise<void> {
  for (const groupId of rule.actionGroupIds) {
    const group = await store.findGroup(tx.db, groupId)
    if (group) await enqueue(tx, group, alert, occasion)
  }
}
