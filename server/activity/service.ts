import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { isAppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import type { ActivityView, AuditView } from './contract'
import type { ActivityInput, ActivityQuery, AuditInput, AuditQuery } from './model'
import { defaultLevel, describeResource } from './rules'
import * as store from './store'

/** Writes one entry of the activity log, in the transaction of `ctx`, dated `ctx.now` and signed by its principal. */
export async function recordActivity(ctx: Ctx, event: ActivityInput): Promise<void> {
  const { resourceType, resourceGroup, subscriptionId } = describeResource(event.resourceId)
  await store.insertActivity(ctx.db, {
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
  })
  await announce(ctx.db, { tenantId: ctx.tenantId, topic: 'activity' })
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

/** Writes one entry of a store's audit log, in the transaction of `ctx`. Never put key material into it. */
export async function recordAudit(
  ctx: Pick<Ctx, 'db' | 'tenantId' | 'now' | 'correlationId' | 'caller'>,
  event: AuditInput,
): Promise<void> {
  await store.insertAudit(ctx.db, {
    id: newId(),
    tenantId: ctx.tenantId,
    at: ctx.now,
    correlationId: ctx.correlationId,
    ...event,
    operationVersion: event.operationVersion ?? '7.6',
    resultDescription: event.resultDescription ?? '',
    callerIpAddress: event.callerIpAddress ?? ctx.caller.address,
    properties: event.properties ?? {},
  })
  await announce(ctx.db, { tenantId: ctx.tenantId, topic: 'activity' })
}

/** Entries of one store's audit log, newest first. The caller has made sure that the principal may read them. */
export async function listAudit(ctx: Ctx, query: AuditQuery): Promise<AuditView[]> {
  return store.selectAudit(ctx.db, ctx.tenantId, query)
}
