import { recordAudit } from '@/server/activity/service'
import type { Ctx, Principal } from '@/server/kernel/context'
import { invariant, isAppError } from '@/server/kernel/errors'
import { monotonicMs } from '@/server/kernel/time'
import {
  formatKeyIdentifier,
  isKeyName,
  isVersion,
  STATUS_NAMES,
  STORE_ERRORS,
  type StoreType,
  storeOrigin,
} from '../model'

export const LATEST_API_VERSION = '2025-07-01'

export type AuditedRequest = {
  store: { id: string; name: string; type: StoreType }
  /** Azure's audit name, e.g. `KeyUnwrap`. */
  operationName: string
  apiVersion?: string
  keyName?: string
  version?: string | null
  algorithm?: string
}

/** What becomes known while the request is worked on. */
export type AuditFacts = {
  version?: string
  keyProperties?: { type: string; size?: number; curve?: string }
  isAddressAuthorized?: boolean
  isRbacAuthorized?: boolean
  appliedAssignmentId?: string
}

/**
 * Works on one data-plane request and records it in the store's audit log: served, refused or failed. Must not be
 * called inside a transaction, whose rollback would take the record of the refusal with it.
 */
export async function audited<T>(
  ctx: Ctx,
  request: AuditedRequest,
  work: (facts: AuditFacts) => Promise<T>,
): Promise<T> {
  // A client inside a transaction can open another one in it, but it cannot connect.
  invariant('$connect' in ctx.db, 'key requests are not made inside a transaction')
  return observed(ctx, request, work)
}

/**
 * Records one management-plane request of a store in its audit log, served or refused; of a store that is not there
 * nothing is kept. Inside a caller's transaction the record shares that one's fate.
 */
export const auditedManagement = <T>(ctx: Ctx, request: AuditedRequest, work: () => Promise<T>): Promise<T> =>
  ctx.principal.isService ? work() : observed(ctx, request, work)

async function observed<T>(ctx: Ctx, request: AuditedRequest, work: (facts: AuditFacts) => Promise<T>): Promise<T> {
  const facts: AuditFacts = {}
  const startedMs = monotonicMs()
  let outcome: { status: number; description: string } | null = { status: 200, description: '' }
  try {
    return await work(facts)
  } catch (error) {
    outcome = isAppError(error)
      ? { status: STORE_ERRORS[error.code].status, description: error.publicMessage }
      : { status: 500, description: 'The request failed for an internal reason.' }
    if (isAppError(error) && error.code === 'ResourceNotFound') outcome = null
    throw error
  } finally {
    if (outcome) await recordRequest(ctx, request, facts, { ...outcome, durationMs: monotonicMs() - startedMs })
  }
}

export type AuditOutcome = { status: number; description: string; durationMs: number }

/** Writes the audit record of one request in the transaction of `ctx`. */
export async function recordRequest(
  ctx: Omit<Ctx, 'principal' | 'custody'> & { principal: Principal | null },
  request: AuditedRequest,
  facts: AuditFacts,
  outcome: AuditOutcome,
): Promise<void> {
  const { store, operationName } = request
  const apiVersion = request.apiVersion ?? LATEST_API_VERSION
  await recordAudit(ctx, {
    storeId: store.id,
    operationName,
    operationVersion: apiVersion,
    resultType: outcome.status < 400 ? 'Success' : 'Failure',
    resultSignature: STATUS_NAMES[outcome.status] ?? String(outcome.status),
    resultDescription: storable(outcome.description),
    httpStatusCode: outcome.status,
    durationMs: outcome.durationMs,
    identity: { claim: ctx.principal ? claims(ctx.principal) : {} },
    properties: {
      id: identifier(request, facts),
      clientInfo: ctx.caller.userAgent ?? '',
      httpStatusCode: outcome.status,
      algorithm: request.algorithm && storable(request.algorithm),
      keyProperties: facts.keyProperties,
      isAddressAuthorized: facts.isAddressAuthorized,
      isRbacAuthorized: facts.isRbacAuthorized,
      appliedAssignmentId: facts.appliedAssignmentId,
      trustedService: ctx.caller.trustedService,
    },
  })
}

/** Callers may send what the database cannot hold: NUL and halves of characters. */
const storable = (text: string): string => text.replace(/[\0\p{Cs}]/gu, '')

/**
 * What the request was about: the version that did the work if known, else what was asked for, as far as it can be a
 * name. Without port: which one the surface listened on is not of the record's time.
 */
function identifier({ store, keyName, version }: AuditedRequest, facts: AuditFacts): string {
  if (!keyName || !isKeyName(keyName)) return storeOrigin(store.type, store.name, 443)
  const known = facts.version ?? (version && isVersion(version) ? version : null)
  return formatKeyIdentifier({ storeType: store.type, storeName: store.name, keyName, version: known }, 443)
}

const claims = (p: Principal) => ({
  oid: p.objectId,
  appid: p.appId,
  upn: p.upn,
  xms_mirid: p.mirid,
  name: p.displayName,
})
