import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { isAppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import type { ActivityView, AuditView } from './contract'
import { type ChainedRecord, chainContent, chainStart, verifyChain } from './crypto'
import type {
  ActivityInput,
  ActivityQuery,
  AuditCount,
  AuditCountQuery,
  AuditFilter,
  AuditInput,
  AuditQuery,
  ChainReport,
} from './model'
import { defaultLevel, describeResource, toAuditRecord } from './rules'
import * as store from './store'

/** Writes one entry of the activity log, in the transaction of `ctx`, dated `ctx.now` and signed by its principal. */
export const recordActivity = (ctx: Ctx, event: ActivityInput): Promise<void> => recordActivities(ctx, [event])

/** The same for many entries at once, in their order. */
export async function recordActivities(ctx: Ctx, events: ActivityInput[]): Promise<void> {
  if (events.length === 0) return
  await store.insertActivities(
    ctx.db,
    events.map((event) => toRow(ctx, event)),
  )
  await announce(ctx.db, { tenantId: ctx.tenantId, topic: 'activity' })
}

function toRow(ctx: Ctx, event: ActivityInput): store.NewActivity {
  const { resourceType, resourceGroup, subscriptionId } = describeResource(event.resourceId)
  return {
    id: newId(),
    tenantId: ctx.tenantId,
    at: ctx.now,
    correlationId: ctx.correlationId,
    operationId: event.operationId ?? null,
    callerId: ctx.principal.objectId,
    callerName: ctx.principal.upn ?? ctx.principal.displayName,
    category: event.category ?? 'Administrative',
    level: event.level ?? defaultLevel(event.status),
    status: event.status,
    subStatus: event.subStatus ?? null,
    operationName: event.operationName,
    resourceId: event.resourceId,
    resourceType,
    resourceGroup,
    subscriptionId,
    description: event.description,
    properties: event.properties ?? {},
  }
}

/**
 * Runs a control-plane write in one transaction and records it: Succeeded together with its rows, or Failed (refused
 * ones too) with the error's code and message. Inside a caller's transaction a Failed entry shares that one's fate.
 */
export async function recordWrite<T>(
  ctx: Ctx,
  event: Omit<ActivityInput, 'status' | 'level'>,
  work: (tx: Ctx) => Promise<T>,
): Promise<T> {
  try {
    return await transact(ctx, async (tx) => {
      const result = await work(tx)
      await recordActivity(tx, { ...event, status: 'Succeeded' })
      return result
    })
  } catch (error) {
    if (!isAppError(error)) throw error
    const properties = { ...event.properties, code: error.vendorCode ?? error.code, message: error.publicMessage }
    await recordActivity(ctx, { ...event, properties, status: 'Failed', subStatus: error.vendorCode ?? error.code })
    throw error
  }
}

/**
 * Entries newest first: those at or below `scopes`, and whatever the caller did.
 * @param query.scopes from identity's `readableScopes(ctx, ACTIVITY_READ)`; this folder knows no roles.
 */
export async function listActivity(ctx: Ctx, query: ActivityQuery & { scopes: string[] }): Promise<ActivityView[]> {
  const { scopes, ...filter } = query
  return store.selectActivity(ctx.db, ctx.tenantId, filter, { scopes, ownerId: ctx.principal.objectId })
}

/**
 * Adds one record to a store's audit log and to the chain that holds it together, in the transaction of `ctx`. Until
 * that ends, other records of the store wait. Never put key material into it.
 */
export async function recordAudit(
  ctx: Pick<Ctx, 'db' | 'tenantId' | 'now' | 'correlationId' | 'caller'>,
  event: AuditInput,
): Promise<void> {
  // As the database gives it back: without what is undefined, and rounded.
  const plain = (value: Record<string, unknown>) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>
  const row: store.NewAudit = {
    id: newId(),
    tenantId: ctx.tenantId,
    at: ctx.now,
    correlationId: ctx.correlationId,
    ...event,
    durationMs: Math.round(event.durationMs * 1000) / 1000,
    operationVersion: event.operationVersion ?? '7.6',
    resultDescription: event.resultDescription ?? '',
    callerIpAddress: event.callerIpAddress ?? ctx.caller.address,
    identity: plain(event.identity),
    properties: plain(event.properties ?? {}),
  }
  await store.insertAudit(ctx.db, row, chainContent(toAuditRecord(row)), chainStart(row.storeId))
}

/** Entries of one store's audit log, newest first. The caller has made sure that the principal may read them. */
export async function listAudit(ctx: Ctx, query: AuditQuery): Promise<AuditView[]> {
  return store.selectAudit(ctx.db, ctx.tenantId, query)
}

const BATCH = 500

/**
 * A store's audit records in the order of their chain, as they go out of the house: Azure's schema and, under `chain`,
 * the place in the chain. The caller has made sure that the principal may read them.
 */
export async function* exportAudit(
  ctx: Pick<Ctx, 'db' | 'tenantId'>,
  query: AuditFilter & { storeId: string; after?: number },
): AsyncGenerator<ChainedRecord> {
  for (let after = query.after ?? 0; ; ) {
    const batch = await store.selectChain(ctx.db, ctx.tenantId, { ...query, after, limit: BATCH })
    for (const { facts, chain } of batch) yield { ...toAuditRecord(facts), chain }
    if (batch.length < BATCH) return
    after = batch.at(-1)!.chain.index
  }
}

/** How many records a store's chain has. */
export const chainLength = async (ctx: Pick<Ctx, 'db'>, storeId: string): Promise<number> =>
  (await store.findChainHead(ctx.db, storeId))?.length ?? 0

/** Checks a store's whole chain as it lies in the database, its end included. */
export async function verifyAudit(ctx: Pick<Ctx, 'db' | 'tenantId'>, storeId: string): Promise<ChainReport> {
  // Read first: what is added while the records are read lies behind it.
  const head = await store.findChainHead(ctx.db, storeId)
  if (!head) return { intact: true, records: 0, head: { length: 0, hash: '' } }
  return verifyChain(upTo(head.length, exportAudit(ctx, { storeId })), head)
}

async function* upTo(last: number, records: AsyncIterable<ChainedRecord>): AsyncGenerator<ChainedRecord> {
  for await (const record of records) {
    if (record.chain.index > last) return
    yield record
  }
}

/**
 * Entries of the activity log that were not taken yet, oldest first. They are taken once: in the transaction of `ctx`,
 * so that what comes of them and their taking stand or fall together.
 */
export const takeNewActivity = (ctx: Ctx, limit: number): Promise<ActivityView[]> =>
  store.takeFromOutbox(ctx.db, ctx.tenantId, limit)

/** Data-plane requests by span, operation and status. The caller has made sure that the principal may read them. */
export const countAudit = (ctx: Ctx, query: AuditCountQuery): Promise<AuditCount[]> =>
  store.countAudit(ctx.db, ctx.tenantId, query)
