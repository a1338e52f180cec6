import { chainLength, recordWrite } from '@/server/activity/service'
import { newWebhookSecret } from '@/server/alerts/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { isUniqueViolation } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { sameId } from '@/server/kernel/resource-id'
import { type SinkInput, type SinkView, sinkInput } from './contract'
import type { Sink } from './model'
import { sealSecret } from './secrets'
import * as store from './store'

const TYPE = 'Microsoft.Insights/diagnosticSettings'
const settingId = (storeId: string, name: string) => `${storeId}/providers/${TYPE}/${name}`

const changed = (tx: Ctx) => announce(tx.db, { tenantId: tx.tenantId, topic: 'alerts' })

const toView = (sink: Sink, length: number): SinkView => ({
  storeId: sink.storeId,
  name: sink.name,
  kind: sink.kind,
  endpoint: sink.endpoint,
  createdAt: sink.createdAt.toISOString(),
  sentIndex: sink.sentIndex,
  waiting: Math.max(0, length - sink.sentIndex),
  failures: sink.failures,
  lastError: sink.lastError,
  retryAtMs: sink.failures > 0 ? sink.retryAtMs : null,
  deliveredAtMs: sink.deliveredAtMs,
  testing: sink.testAsked,
})

/** Where the audit records of a store are sent to. @throws AppError `AuthorizationFailed`. */
export async function listSinks(ctx: Ctx, storeId: string): Promise<SinkView[]> {
  await authorize(ctx, `${TYPE}/read`, storeId)
  const length = await chainLength(ctx, storeId)
  return (await store.findSinks(ctx.db, ctx.tenantId, storeId)).map((sink) => toView(sink, length))
}

/**
 * Sends a store's audit records somewhere from now on, or from their first. A webhook gets a secret that signs its
 * requests: it is in this answer and in no other.
 * @throws AppError `AuthorizationFailed`, `ScopeLocked`, `BadParameter`, `Conflict` (the name is taken).
 */
export async function addSink(
  ctx: Ctx,
  storeId: string,
  input: SinkInput,
): Promise<{ sink: SinkView; secret: string | null }> {
  const parsed = sinkInput.safeParse(input)
  const id = settingId(storeId, input.name)
  const event = { operationName: `${TYPE}/write`, resourceId: id, description: `Send audit records by ${input.kind}` }
  return recordWrite(ctx, event, async (tx) => {
    await authorize(tx, event.operationName, id)
    if (!parsed.success) {
      const fields = Object.fromEntries(parsed.error.issues.map((i) => [i.path.join('.'), i.message]))
      throw new AppError('BadParameter', { publicMessage: parsed.error.issues[0]!.message, fields })
    }
    const { from, ...valid } = parsed.data
    const length = await chainLength(tx, storeId)
    const sinkId = newId()
    const secret = valid.kind === 'webhook' ? newWebhookSecret() : null
    const sink: Sink = {
      ...{ ...valid, id: sinkId, tenantId: tx.tenantId, storeId, createdAt: tx.now },
      ...{ sentIndex: from === 'now' ? length : 0, failures: 0, lastError: null, retryAtMs: 0 },
      ...{
        deliveredAtMs: null,
        testAsked: false,
        sealedSecret: secret === null ? null : sealSecret(tx, sinkId, secret),
      },
    }
    if ((await store.findSinks(tx.db, tx.tenantId, storeId)).some((s) => sameId(s.name, sink.name)))
      throw taken(sink.name)
    await store.insertSink(tx.db, sink).catch((error) => {
      throw isUniqueViolation(error) ? taken(sink.name) : error
    })
    await changed(tx)
    return { sink: toView(sink, length), secret }
  })
}

const taken = (name: string) =>
  new AppError('Conflict', { publicMessage: `There is a setting ${name} already.`, field: 'name' })

/** Stops sending. @throws AppError `AuthorizationFailed`, `ScopeLocked`, `ResourceNotFound`. */
export const removeSink = (ctx: Ctx, storeId: string, name: string): Promise<void> =>
  onSink(ctx, storeId, name, `${TYPE}/delete`, `Stop sending audit records to ${name}`, async (tx, sink) => {
    await store.deleteSink(tx.db, sink.id)
  })

/**
 * Has the engine send a record that says that it is a test, at once and whatever the back-off; how that ended stands in
 * the setting. @throws AppError `AuthorizationFailed`, `ResourceNotFound`.
 */
export const testSink = (ctx: Ctx, storeId: string, name: string): Promise<void> =>
  onSink(ctx, storeId, name, `${TYPE}/write`, `Test the setting ${name}`, async (tx, sink) => {
    await store.askTest(tx.db, sink.id)
  })

async function onSink(
  ctx: Ctx,
  storeId: string,
  name: string,
  operationName: string,
  description: string,
  work: (tx: Ctx, sink: Sink) => Promise<void>,
): Promise<void> {
  const resourceId = settingId(storeId, name)
  await recordWrite(ctx, { operationName, resourceId, description }, async (tx) => {
    await authorize(tx, operationName, resourceId)
    const sink = (await store.findSinks(tx.db, tx.tenantId, storeId)).find((s) => sameId(s.name, name))
    if (!sink) throw new AppError('ResourceNotFound', { publicMessage: `There is no diagnostic setting '${name}'.` })
    await work(tx, sink)
    await changed(tx)
  })
}
