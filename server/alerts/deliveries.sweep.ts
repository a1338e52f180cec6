import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { announce } from '@/server/kernel/notify'
import { monotonicMs, realNowMs } from '@/server/kernel/time'
import { type MailSettings, sendMail } from './mail'
import { ATTEMPT_LEASE_MS, type AttemptOutcome, type Delivery, WEBHOOK_TIMEOUT_MS } from './model'
import { backOff } from './rules'
import { openSecrets } from './secrets'
import * as store from './store'
import { postWebhook } from './webhook'

export type DeliveryDeps = {
  /** Null: e-mails wait as Undeliverable. */
  mail: MailSettings | null
  /** A context of the delivery's tenant at its present instant. */
  contextOf(tenantId: string): Promise<Ctx>
  shouldStop?(): boolean
}

const NO_MAIL = 'No mail server is configured: set PORTCULLIS_SMTP_URL and PORTCULLIS_SMTP_FROM.'

/**
 * Makes every delivery whose time has come, in real time. Each attempt is claimed before and written down after it: a
 * killed engine's attempt is made again by another. @returns how many attempts were made.
 */
export async function deliverDue(db: Ctx['db'], deps: DeliveryDeps): Promise<number> {
  const statuses = deps.mail ? ['Pending', 'Undeliverable'] : ['Pending']
  for (let made = 0; ; made++) {
    if (deps.shouldStop?.()) return made
    const delivery = await store.claimDelivery(db, statuses, realNowMs(), ATTEMPT_LEASE_MS)
    if (!delivery) return made
    await makeAttempt(await deps.contextOf(delivery.tenantId), delivery, deps.mail)
  }
}

async function makeAttempt(ctx: Ctx, delivery: Delivery, mail: MailSettings | null): Promise<void> {
  const startedMs = monotonicMs()
  const outcome = await attempt(ctx, delivery, mail)
  const workMs = monotonicMs() - startedMs
  const waitMs = outcome.retry ? backOff(delivery.attempts) : null
  await transact(ctx, async (tx) => {
    await store.recordAttempt(tx.db, delivery, { ...outcome, at: tx.now, workMs }, nextOf(outcome, waitMs))
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'alerts' })
  })
}

function nextOf(outcome: AttemptOutcome, waitMs: number | null) {
  if (outcome.succeeded) return { status: 'Delivered', ended: true }
  if (outcome.message === NO_MAIL) return { status: 'Undeliverable', nextAttemptMs: realNowMs(), ended: false }
  if (waitMs === null) return { status: 'Failed', ended: true }
  return { status: 'Pending', nextAttemptMs: realNowMs() + waitMs, ended: false }
}

async function attempt(ctx: Ctx, delivery: Delivery, mail: MailSettings | null): Promise<AttemptOutcome> {
  const { id: deliveryId, target, payload, occasion } = delivery
  if (delivery.channel === 'Email') {
    if (!mail) return { succeeded: false, retry: false, answer: null, message: NO_MAIL }
    return sendMail(mail, { deliveryId, to: target, payload, occasion }, WEBHOOK_TIMEOUT_MS)
  }
  const group = await store.findGroup(ctx.db, delivery.actionGroupId)
  const secret = group ? (openSecrets(ctx, group)[delivery.receiver] ?? null) : null
  if (!secret) {
    const message = 'The receiver is no longer in its action group.'
    return { succeeded: false, retry: false, answer: null, message }
  }
  return postWebhook({ deliveryId, address: target, body: JSON.stringify(payload), secret }, WEBHOOK_TIMEOUT_MS)
}
