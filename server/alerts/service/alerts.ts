import { recordWrite } from '@/server/activity/service'
import { authorize, can, readableScopes } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import {
  type AlertDetailView,
  type AlertView,
  type InboxView,
  type ProcessingRuleInput,
  type ProcessingRuleView,
  processingRuleInput,
} from '../contract'
import {
  ALERTS_CHANGE,
  ALERTS_READ,
  type Alert,
  type AlertState,
  type Occasion,
  PROCESSING_RULE_TYPE,
  type ProcessingRule,
} from '../model'
import { inScope } from '../rules'
import * as store from '../store'
import { deliveryViews } from './action-groups'
import { changed, parseInput, permissionsOn, readable, settle } from './place'

const LIMIT = 500
const INBOX = 40

/** A role assignment or a lock has a number for a name: what it is on says more. */
const nameOf = (targetId: string): string =>
  targetId
    .replace(/\/providers\/Microsoft\.Authorization\/.*$/i, '')
    .split('/')
    .at(-1) ?? targetId

const toView = (alert: Alert): AlertView => {
  const { tenantId: _t, targetType: _y, dedupTag: _d, context: _c, firedAt, lastFiredAt, resolvedAt, ...same } = alert
  return {
    ...same,
    targetName: nameOf(alert.targetId),
    firedAt: firedAt.toISOString(),
    lastFiredAt: lastFiredAt.toISOString(),
    resolvedAt: resolvedAt?.toISOString() ?? null,
  }
}

/** The newest alerts whose target the caller may watch. */
export async function listAlerts(
  ctx: Ctx,
  filter: { from?: Date; condition?: 'Fired' | 'Resolved'; targetId?: string } = {},
): Promise<AlertView[]> {
  const scopes = await readableScopes(ctx, ALERTS_READ)
  const rows = await store.findAlerts(ctx.db, ctx.tenantId, filter, LIMIT)
  const { targetId } = filter
  return rows.filter((a) => inScope(scopes, a.targetId) && (!targetId || inScope([targetId], a.targetId))).map(toView)
}

async function requireAlert(ctx: Ctx, id: string): Promise<Alert> {
  const alert = await store.findAlert(ctx.db, ctx.tenantId, id)
  if (!alert) throw new AppError('ResourceNotFound', { publicMessage: `There is no alert ${id}.` })
  return alert
}

/** One alert with its history and what was sent. @throws AppError `ResourceNotFound`, `AuthorizationFailed`. */
export async function getAlert(ctx: Ctx, id: string): Promise<AlertDetailView> {
  const alert = await requireAlert(ctx, id)
  await authorize(ctx, ALERTS_READ, alert.targetId)
  const [history, deliveries, permission] = await Promise.all([
    store.findEvents(ctx.db, id),
    deliveryViews(ctx, { alertId: id }),
    can(ctx, ALERTS_CHANGE, alert.targetId),
  ])
  return {
    ...toView(alert),
    context: alert.context,
    history: history.map((h) => ({ ...h, at: h.at.toISOString() })),
    deliveries,
    permission,
  }
}

/** What a person makes of an alert. @throws AppError `ResourceNotFound`, `AuthorizationFailed`. */
export async function changeAlertState(ctx: Ctx, id: string, state: AlertState): Promise<AlertView> {
  await authorize(ctx, ALERTS_CHANGE, (await requireAlert(ctx, id)).targetId)
  return transact(ctx, async (tx) => {
    const alert = await requireAlert(tx, id)
    if (alert.state === state) return toView(alert)
    const by = tx.principal.upn ?? tx.principal.displayName
    await store.saveState(tx.db, alert, state, by)
    await store.insertEvents(tx.db, [{ alertId: id, at: tx.now, what: state, by }])
    await changed(tx)
    return toView({ ...alert, state, stateChangedBy: by })
  })
}

/** Fired alerts by severity; for gauges, without anybody's rights. */
export const countFiredAlerts = (ctx: Ctx): Promise<{ severity: number; count: number }[]> =>
  store.countFired(ctx.db, ctx.tenantId)

/** The inbox of the signed-in person: what was sent there about targets that she may watch. */
export async function inbox(ctx: Ctx): Promise<InboxView[]> {
  const [scopes, rows, seen] = await Promise.all([
    readableScopes(ctx, ALERTS_READ),
    store.findInbox(ctx.db, ctx.tenantId, INBOX),
    store.findInboxMark(ctx.db, ctx.principal.objectId),
  ])
  return rows
    .filter((m) => inScope(scopes, m.targetId))
    .map(({ tenantId: _t, seq, at, occasion, ...same }) => ({
      ...same,
      seq: Number(seq),
      at: at.toISOString(),
      occasion: occasion as Occasion,
      unread: Number(seq) > seen,
    }))
}

/** Remembers up to which message the person has looked. */
export const markInboxSeen = (ctx: Ctx, seq: number): Promise<void> =>
  store.saveInboxMark(ctx.db, ctx.principal.objectId, seq)

const processingView = async (ctx: Ctx, rule: ProcessingRule): Promise<ProcessingRuleView> => {
  const { tenantId: _t, startsAt, endsAt, createdAt, ...same } = rule
  return {
    ...same,
    startsAt: startsAt?.toISOString() ?? null,
    endsAt: endsAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    permissions: await permissionsOn(ctx, PROCESSING_RULE_TYPE, rule.id),
  }
}

/** Creates or replaces a rule that keeps action groups silent. Errors as `saveAlertRule`. */
export async function saveProcessingRule(ctx: Ctx, draft: ProcessingRuleInput): Promise<ProcessingRuleView> {
  const input = parseInput(processingRuleInput, draft)
  const { id, resourceGroup } = await settle(ctx, PROCESSING_RULE_TYPE, input)
  const event = { operationName: `${PROCESSING_RULE_TYPE}/write`, resourceId: id }
  return recordWrite(ctx, { ...event, description: `Save alert processing rule ${input.name}` }, async (tx) => {
    const rule: ProcessingRule = {
      ...input,
      id,
      resourceGroup,
      tenantId: tx.tenantId,
      startsAt: input.startsAt ? new Date(input.startsAt) : null,
      endsAt: input.endsAt ? new Date(input.endsAt) : null,
      createdAt: tx.now,
    }
    await store.saveProcessingRule(tx.db, rule)
    await changed(tx)
    return processingView(tx, rule)
  })
}

export const listProcessingRules = async (ctx: Ctx): Promise<ProcessingRuleView[]> =>
  readable(ctx, await store.findProcessingRules(ctx.db, ctx.tenantId), (rule) => processingView(ctx, rule))

/** False when there was none. @throws AppError `AuthorizationFailed`. */
export async function deleteProcessingRule(ctx: Ctx, id: string): Promise<boolean> {
  const rules = await store.findProcessingRules(ctx.db, ctx.tenantId)
  const rule = rules.find((r) => r.id.toLowerCase() === id.toLowerCase())
  if (!rule) return false
  const event = { operationName: `${PROCESSING_RULE_TYPE}/delete`, resourceId: rule.id }
  return recordWrite(ctx, { ...event, description: `Delete alert processing rule ${rule.name}` }, async (tx) => {
    await authorize(tx, event.operationName, rule.id)
    await store.deleteProcessingRule(tx.db, rule.id)
    await changed(tx)
    return true
  })
}
