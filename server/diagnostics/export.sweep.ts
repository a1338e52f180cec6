import { exportAudit } from '@/server/activity/service'
import { postWebhook } from '@/server/alerts/service'
import type { Ctx } from '@/server/kernel/context'
import { isAppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { log } from '@/server/kernel/log'
import { announce } from '@/server/kernel/notify'
import { realNowMs } from '@/server/kernel/time'
import { BATCH_RECORDS, LEASE_MS, type OutgoingRecord, SEND_TIMEOUT_MS, type SendOutcome, type Sink } from './model'
import { sendOtlp } from './otlp'
import { backOff } from './rules'
import { openSecret } from './secrets'
import * as store from './store'
import { sendSyslog } from './syslog'

export type ExportDeps = {
  /** A context of the sink's tenant at its present instant. */
  contextOf(tenantId: string): Promise<Ctx>
  shouldStop?(): boolean
  /** Further authorities, in PEM, that receivers' certificates may come from. */
  ca?: string
  timeoutMs?: number
}

/**
 * Sends every store's waiting records to its receivers, in the order of the chain and in real time. What was taken is
 * written down after it was sent: a killed engine's attempt is made again by another, so each record comes at least once.
 * @returns how many attempts were made.
 */
export async function exportDue(db: Ctx['db'], deps: ExportDeps): Promise<number> {
  for (let made = 0; ; made++) {
    if (deps.shouldStop?.()) return made
    const sink = await store.claimSink(db, realNowMs(), LEASE_MS)
    if (!sink) return made
    await attempt(await deps.contextOf(sink.tenantId), sink, deps)
  }
}

async function attempt(ctx: Ctx, sink: Sink, deps: ExportDeps): Promise<void> {
  const records = sink.testAsked ? [testRecord(ctx, sink)] : await nextRecords(ctx, sink)
  const outcome = await send(ctx, sink, records, deps)
  if (outcome.accepted) {
    await store.recordAccepted(ctx.db, sink, records.at(-1)?.chain?.index ?? sink.sentIndex, realNowMs())
  } else {
    await store.recordFailure(ctx.db, sink, outcome.message.slice(0, 500), realNowMs() + backOff(sink.failures + 1))
  }
  // Pages hear of what is new to them; every batch would be too much.
  if (sink.testAsked || !outcome.accepted || sink.failures > 0)
    await announce(ctx.db, { tenantId: ctx.tenantId, topic: 'alerts' })
}

async function nextRecords(ctx: Ctx, { storeId, sentIndex }: Sink): Promise<OutgoingRecord[]> {
  const records: OutgoingRecord[] = []
  for await (const record of exportAudit(ctx, { storeId, after: sentIndex })) {
    records.push(record as OutgoingRecord)
    if (records.length === BATCH_RECORDS) break
  }
  return records
}

/** What a test sends: a record of Azure's schema without a place in the chain, for nothing has happened. */
const testRecord = (ctx: Ctx, sink: Sink): OutgoingRecord => ({
  time: ctx.now.toISOString(),
  category: 'AuditEvent',
  operationName: 'DiagnosticSettingTest',
  resourceId: sink.storeId.toUpperCase(),
  resultType: 'Success',
  resultDescription: 'Nothing has happened: this shows that audit records arrive.',
  correlationId: ctx.correlationId,
})

async function send(ctx: Ctx, sink: Sink, records: OutgoingRecord[], deps: ExportDeps): Promise<SendOutcome> {
  const options = { timeoutMs: deps.timeoutMs ?? SEND_TIMEOUT_MS, ca: deps.ca }
  if (records.length === 0) return { accepted: true, message: 'Nothing waits.' }
  try {
    if (sink.kind === 'syslog') return await sendSyslog(sink.endpoint, records, options)
    if (sink.kind === 'otlp') return await sendOtlp(sink.endpoint, records, options)
    const { succeeded, message } = await postWebhook(
      { deliveryId: newId(), address: sink.endpoint, body: JSON.stringify({ records }), secret: openSecret(ctx, sink) },
      options.timeoutMs,
    )
    return { accepted: succeeded, message }
  } catch (error) {
    log.warn(`sending audit records to ${sink.name} failed`, error)
    return { accepted: false, message: isAppError(error) ? error.publicMessage : 'It failed for an internal reason.' }
  }
}
