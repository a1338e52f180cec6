import type { Ctx } from '@/server/kernel/context'
import { newId } from '@/server/kernel/ids'
import { realNowMs } from '@/server/kernel/time'
import type { ActionGroup, Alert, Channel, Delivery, Occasion } from './model'
import { commonAlert } from './rules'
import * as store from './store'

/**
 * Puts one message for each receiver of a group into the outbox, in the caller's transaction; a disabled group gets
 * none. The inbox is ours and is filled at once.
 */
export async function enqueue(tx: Ctx, group: ActionGroup, alert: Alert, occasion: Occasion): Promise<string[]> {
  if (!group.enabled) return []
  const { webhooks, emails, inboxes } = group.receivers
  const receivers: { channel: Channel; receiver: string; target: string }[] = [
    ...webhooks.map((w) => ({ channel: 'Webhook' as const, receiver: w.name, target: w.serviceUri })),
    ...emails.map((e) => ({ channel: 'Email' as const, receiver: e.name, target: e.emailAddress })),
    ...inboxes.map((i) => ({ channel: 'Inbox' as const, receiver: i.name, target: 'portal' })),
  ]
  const ids: string[] = []
  for (const to of receivers) {
    const delivery = newDelivery(tx, group, alert, occasion, to)
    await store.insertDelivery(tx.db, delivery)
    if (to.channel === 'Inbox') await fillInbox(tx, alert, occasion)
    ids.push(delivery.id)
  }
  return ids
}

function newDelivery(
  tx: Ctx,
  group: ActionGroup,
  alert: Alert,
  occasion: Occasion,
  to: { channel: Channel; receiver: string; target: string },
): Delivery {
  const done = to.channel === 'Inbox'
  return {
    ...to,
    id: newId(),
    tenantId: tx.tenantId,
    alertId: occasion === 'Test' ? null : alert.id,
    actionGroupId: group.id,
    occasion,
    payload: commonAlert(alert, occasion),
    status: done ? 'Delivered' : 'Pending',
    attempts: 0,
    nextAttemptMs: realNowMs(),
    createdAt: tx.now,
    endedAt: done ? tx.now : null,
    lastError: null,
  }
}

async function fillInbox(tx: Ctx, alert: Alert, occasion: Occasion): Promise<void> {
  const words = {
    Fired: alert.description,
    Resolved: 'Resolved: the condition is no longer met.',
    Test: alert.description,
  }
  await store.insertInbox(tx.db, {
    id: newId(),
    tenantId: tx.tenantId,
    at: tx.now,
    alertId: occasion === 'Test' ? null : alert.id,
    targetId: alert.targetId,
    severity: alert.severity,
    occasion,
    title: alert.title,
    text: words[occasion],
  })
}
