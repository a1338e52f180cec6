import type { Ctx } from '@/server/kernel/context'
import { newId } from '@/server/kernel/ids'
import { realNowMs } from '@/server/kernel/time'
import type { ActionGroup, Alert, Channel, Delivery, Occasion } from './model'
import { commonAlert } from './rules'
import * as store from './store'

type Receiver = { channel: Channel; receiver: string; target: string }

/**
 * Puts one message for each receiver of each group into the outbox, in the caller's transaction; a disabled group gets
 * none. The inbox is ours and is filled at once. @returns the ids of the deliveries.
 */
export async function enqueue(
  tx: Ctx,
  messages: { group: ActionGroup; alert: Alert }[],
  occasion: Occasion,
): Promise<string[]> {
  const sent = messages.flatMap(({ group, alert }) =>
    receiversOf(group).map((to) => ({ alert, delivery: newDelivery(tx.tenantId, group, alert, occasion, to) })),
  )
  await store.insertDeliveries(
    tx.db,
    sent.map(({ delivery }) => delivery),
  )
  const forInbox = sent.filter(({ delivery }) => delivery.channel === 'Inbox')
  await store.insertInbox(
    tx.db,
    forInbox.map(({ alert }) => inboxMessage(alert, occasion)),
  )
  return sent.map(({ delivery }) => delivery.id)
}

function receiversOf(group: ActionGroup): Receiver[] {
  if (!group.enabled) return []
  const { webhooks, emails, inboxes } = group.receivers
  return [
    ...webhooks.map((w) => ({ channel: 'Webhook' as const, receiver: w.name, target: w.serviceUri })),
    ...emails.map((e) => ({ channel: 'Email' as const, receiver: e.name, target: e.emailAddress })),
    ...inboxes.map((i) => ({ channel: 'Inbox' as const, receiver: i.name, target: 'portal' })),
  ]
}

/** When it happened that the message tells of. */
const instantOf = (alert: Alert): Date => alert.resolvedAt ?? alert.firedAt

function newDelivery(tenantId: string, group: ActionGroup, alert: Alert, occasion: Occasion, to: Receiver): Delivery {
  const done = to.channel === 'Inbox'
  return {
    ...to,
    id: newId(),
    tenantId,
    alertId: occasion === 'Test' ? null : alert.id,
    actionGroupId: group.id,
    occasion,
    payload: commonAlert(alert, occasion),
    status: done ? 'Delivered' : 'Pending',
    attempts: 0,
    nextAttemptMs: realNowMs(),
    createdAt: instantOf(alert),
    endedAt: done ? instantOf(alert) : null,
    lastError: null,
  }
}

function inboxMessage(alert: Alert, occasion: Occasion): store.NewInboxMessage {
  const words = {
    Fired: alert.description,
    Resolved: 'Resolved: the condition is no longer met.',
    Test: alert.description,
  }
  return {
    id: newId(),
    tenantId: alert.tenantId,
    at: instantOf(alert),
    alertId: occasion === 'Test' ? null : alert.id,
    targetId: alert.targetId,
    severity: alert.severity,
    occasion,
    title: alert.title,
    text: words[occasion],
  }
}
