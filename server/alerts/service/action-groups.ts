import { recordWrite } from '@/server/activity/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { newId } from '@/server/kernel/ids'
import {
  type ActionGroupDraft,
  type ActionGroupView,
  actionGroupInput,
  type DeliveryView,
  type NewSecrets,
} from '../contract'
import { newWebhookSecret } from '../crypto'
import { ACTION_GROUP_TYPE, type ActionGroup, type Alert } from '../model'
import { enqueue } from '../notify-group'
import { openSecrets, sealSecrets } from '../secrets'
import * as store from '../store'
import { changed, notFound, parseInput, permissionsOn, readable, settle } from './place'

const READ = `${ACTION_GROUP_TYPE}/read`
const WRITE = `${ACTION_GROUP_TYPE}/write`
const DELETE = `${ACTION_GROUP_TYPE}/delete`
const LOG_ENTRIES = 100

const toView = async (ctx: Ctx, group: ActionGroup): Promise<ActionGroupView> => {
  const { tenantId: _t, sealedSecrets: _s, createdAt, ...same } = group
  return {
    ...same,
    createdAt: createdAt.toISOString(),
    permissions: await permissionsOn(ctx, ACTION_GROUP_TYPE, group.id),
  }
}

/**
 * Creates an action group, or replaces the one of the same name. Each new webhook gets a secret that its requests are
 * signed with: answered this once, kept sealed. A webhook whose address changes gets a new one.
 * @throws AppError `AuthorizationFailed`, `BadParameter` with messages by field, `ResourceGroupNotFound`.
 */
export async function saveActionGroup(
  ctx: Ctx,
  draft: ActionGroupDraft,
): Promise<{ group: ActionGroupView; secrets: NewSecrets }> {
  const input = parseInput(actionGroupInput, draft)
  const { id, resourceGroup } = await settle(ctx, ACTION_GROUP_TYPE, input)
  const event = { operationName: WRITE, resourceId: id, description: `Save action group ${input.name}` }
  return recordWrite(ctx, event, async (tx) => {
    const before = await store.findGroup(tx.db, id)
    const held = before ? openSecrets(tx, before) : {}
    const secrets: NewSecrets = {}
    const kept: NewSecrets = {}
    for (const { name, serviceUri } of input.receivers.webhooks) {
      const same = before?.receivers.webhooks.some((w) => w.name === name && w.serviceUri === serviceUri)
      if (same && held[name]) kept[name] = held[name]
      else secrets[name] = newWebhookSecret()
    }
    const at = before?.id ?? id
    const group: ActionGroup = {
      ...input,
      id: at,
      resourceGroup,
      tenantId: tx.tenantId,
      createdAt: before?.createdAt ?? tx.now,
      sealedSecrets: sealSecrets(tx, at, { ...kept, ...secrets }),
    }
    await store.saveGroup(tx.db, group)
    await changed(tx)
    return { group: await toView(tx, group), secrets }
  })
}

/** False when there was none. @throws AppError `AuthorizationFailed`. */
export async function deleteActionGroup(ctx: Ctx, id: string): Promise<boolean> {
  const group = await store.findGroup(ctx.db, id)
  if (!group || group.tenantId !== ctx.tenantId) return false
  const event = { operationName: DELETE, resourceId: group.id, description: `Delete action group ${group.name}` }
  return recordWrite(ctx, event, async (tx) => {
    await authorize(tx, DELETE, group.id)
    await store.deleteGroup(tx.db, group.id)
    await changed(tx)
    return true
  })
}

async function requireGroup(ctx: Ctx, id: string, action: string): Promise<ActionGroup> {
  const group = await store.findGroup(ctx.db, id)
  if (!group || group.tenantId !== ctx.tenantId) throw notFound(id)
  await authorize(ctx, action, group.id)
  return group
}

/** @throws AppError `AuthorizationFailed`, `ResourceNotFound`. */
export const getActionGroup = async (ctx: Ctx, id: string): Promise<ActionGroupView> =>
  toView(ctx, await requireGroup(ctx, id, READ))

/** The groups that the caller may read, by name. */
export const listActionGroups = async (ctx: Ctx): Promise<ActionGroupView[]> =>
  readable(ctx, await store.findGroups(ctx.db, ctx.tenantId), (group) => toView(ctx, group))

/**
 * Sends a made-up alert to every receiver of a group, marked as a test. What came of it stands in the delivery log.
 * @returns the ids of the deliveries. @throws AppError `AuthorizationFailed`, `ResourceNotFound`.
 */
export async function testActionGroup(ctx: Ctx, id: string): Promise<string[]> {
  const found = await requireGroup(ctx, id, WRITE)
  const event = { operationName: `${ACTION_GROUP_TYPE}/createNotifications/action`, resourceId: found.id }
  return recordWrite(ctx, { ...event, description: `Test action group ${found.name}` }, async (tx) => {
    const ids = await enqueue(tx, [{ group: { ...found, enabled: true }, alert: sampleAlert(tx, found) }], 'Test')
    await changed(tx)
    return ids
  })
}

const sampleAlert = (ctx: Ctx, group: ActionGroup): Alert => ({
  id: newId(),
  tenantId: ctx.tenantId,
  ruleId: group.id,
  ruleName: 'Test notification',
  severity: 4,
  signalType: 'Activity Log',
  monitoringService: 'Activity Log - Administrative',
  targetId: group.id,
  targetType: ACTION_GROUP_TYPE,
  title: `Test of action group ${group.name}`,
  description: 'Nothing has happened: this shows what an alert looks like.',
  condition: 'Fired',
  state: 'New',
  stateChangedBy: null,
  firedAt: ctx.now,
  lastFiredAt: ctx.now,
  resolvedAt: null,
  occurrences: 1,
  suppressedBy: null,
  dedupTag: null,
  context: { properties: { title: 'Test' } },
})

/** What was sent to a group's receivers, newest first, with every attempt. Errors as `getActionGroup`. */
export async function listDeliveries(ctx: Ctx, actionGroupId: string): Promise<DeliveryView[]> {
  const group = await requireGroup(ctx, actionGroupId, READ)
  return deliveryViews(ctx, { actionGroupId: group.id })
}

export async function deliveryViews(
  ctx: Ctx,
  where: { alertId?: string; actionGroupId?: string },
): Promise<DeliveryView[]> {
  const rows = await store.findDeliveries(ctx.db, ctx.tenantId, where, LOG_ENTRIES)
  return rows.map(
    ({ id, alertId, channel, receiver, target, occasion, status, createdAt, endedAt, lastError, log }) => ({
      ...{ id, alertId, channel, receiver, target, occasion, status, lastError },
      createdAt: createdAt.toISOString(),
      endedAt: endedAt?.toISOString() ?? null,
      attempts: log.map(({ at, workMs, succeeded, answer, message }) => ({
        at: at.toISOString(),
        ...{ workMs, succeeded, answer, message },
      })),
    }),
  )
}
