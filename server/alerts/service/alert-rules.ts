import { recordWrite } from '@/server/activity/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { type AlertRuleDraft, type AlertRuleView, alertRuleInput } from '../contract'
import { type AlertRule, RULE_TYPES } from '../model'
import * as store from '../store'
import { changed, notFound, parseInput, permissionsOn, readable, settle } from './place'

const toView = async (ctx: Ctx, rule: AlertRule): Promise<AlertRuleView> => {
  const { tenantId: _t, createdAt, evaluatedAt, ...same } = rule
  return {
    ...same,
    createdAt: createdAt.toISOString(),
    evaluatedAt: evaluatedAt?.toISOString() ?? null,
    permissions: await permissionsOn(ctx, RULE_TYPES[rule.kind], rule.id),
  }
}

/**
 * Creates an alert rule, or replaces the one of the same name.
 * @throws AppError `AuthorizationFailed`, `BadParameter` with messages by field, `ResourceGroupNotFound`.
 */
export async function saveAlertRule(ctx: Ctx, draft: AlertRuleDraft): Promise<AlertRuleView> {
  const input = parseInput(alertRuleInput, draft)
  const type = RULE_TYPES[input.kind]
  const { id, resourceGroup } = await settle(ctx, type, input)
  const event = { operationName: `${type}/write`, resourceId: id, description: `Save alert rule ${input.name}` }
  return recordWrite(ctx, event, async (tx) => {
    const before = await store.findRule(tx.db, id)
    const timing =
      input.kind === 'Metric'
        ? {
            autoMitigate: input.autoMitigate,
            windowMinutes: input.windowMinutes,
            frequencyMinutes: input.frequencyMinutes,
          }
        : { autoMitigate: input.condition.resolveWhen !== null, windowMinutes: 0, frequencyMinutes: 0 }
    const rule = {
      ...input,
      ...timing,
      id: before?.id ?? id,
      resourceGroup,
      tenantId: tx.tenantId,
      createdAt: before?.createdAt ?? tx.now,
      createdBy: before?.createdBy ?? tx.principal.upn ?? tx.principal.displayName,
      evaluatedAt: before?.evaluatedAt ?? null,
    } as AlertRule
    await store.saveRule(tx.db, rule)
    await changed(tx)
    return toView(tx, rule)
  })
}

/** Deletes a rule; the alerts that it raised stay. False when there was none. @throws AppError `AuthorizationFailed`. */
export async function deleteAlertRule(ctx: Ctx, id: string): Promise<boolean> {
  const rule = await store.findRule(ctx.db, id)
  if (!rule || rule.tenantId !== ctx.tenantId) return false
  const type = RULE_TYPES[rule.kind]
  const event = { operationName: `${type}/delete`, resourceId: rule.id, description: `Delete alert rule ${rule.name}` }
  return recordWrite(ctx, event, async (tx) => {
    await authorize(tx, `${type}/delete`, rule.id)
    await store.deleteRule(tx.db, rule.id)
    await changed(tx)
    return true
  })
}

/** @throws AppError `AuthorizationFailed`, `ResourceNotFound`. */
export async function getAlertRule(ctx: Ctx, id: string): Promise<AlertRuleView> {
  const rule = await store.findRule(ctx.db, id)
  if (!rule || rule.tenantId !== ctx.tenantId) throw notFound(id)
  await authorize(ctx, `${RULE_TYPES[rule.kind]}/read`, rule.id)
  return toView(ctx, rule)
}

/** The rules that the caller may read, by name. */
export const listAlertRules = async (ctx: Ctx): Promise<AlertRuleView[]> =>
  readable(ctx, await store.findRules(ctx.db, ctx.tenantId), (rule) => toView(ctx, rule))
