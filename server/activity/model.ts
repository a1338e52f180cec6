import type { ActivityView } from './contract'

export type ActivityLevel = ActivityView['level']

export const ACTIVITY_STATUSES = ['Started', 'Accepted', 'Succeeded', 'Failed', 'Active', 'Resolved'] as const
export type ActivityStatus = (typeof ACTIVITY_STATUSES)[number]

/** What a service says about a control-plane event; the rest comes from the context. */
export type ActivityInput = {
  operationName: string
  resourceId: string
  status: ActivityStatus
  level?: ActivityLevel
  category?: string
  subStatus?: string
  description: string
  operationId?: string
  properties?: Record<string, unknown>
}

/** What a store says about one data-plane request; the rest comes from the context. */
export type AuditInput = {
  /** Resource id of the vault or HSM. */
  storeId: string
  operationName: string
  operationVersion?: string
  resultType: string
  resultSignature: string
  resultDescription?: string
  httpStatusCode: number
  durationMs: number
  callerIpAddress?: string
  identity: Record<string, unknown>
  properties?: Record<string, unknown>
}

export type ActivityQuery = {
  /** The resource itself and all below it. */
  resourceId?: string
  operationName?: string
  correlationId?: string
  level?: ActivityLevel
  from?: Date
  to?: Date
  /** Only entries older than this one, for paging. */
  before?: number
  limit: number
}

export type AuditFilter = {
  operationName?: string
  resultType?: 'Success' | 'Failure'
  /** Part of the caller's name, user name, object id or application id. */
  caller?: string
  /** Beginning of the caller's address. */
  address?: string
  correlationId?: string
  from?: Date
  to?: Date
}

export type AuditQuery = AuditFilter & { storeId: string; before?: number; limit: number }

/** What a chained record is made from: the columns of its row. */
export type AuditFacts = {
  at: Date
  storeId: string
  operationName: string
  operationVersion: string
  resultType: string
  resultSignature: string
  resultDescription: string
  httpStatusCode: number
  durationMs: number
  callerIpAddress: string
  correlationId: string
  identity: Record<string, unknown>
  properties: Record<string, unknown>
}

/** Where a record stands in the chain of its store; hashes are SHA-256 in lower-case hex. */
export type ChainLink = { index: number; previousHash: string; hash: string }

/** The end of a store's chain. */
export type ChainHead = { length: number; hash: string }

export type ChainReport =
  | { intact: true; records: number; head: ChainHead }
  | { intact: false; records: number; at: number; problem: string }
/** Asks for counts of data-plane requests; without `storeIds` of every store. */
export type AuditCountQuery = { storeIds?: string[]; from: Date; to: Date; spanSeconds: number }

/** Requests of one store, operation and status in one span of time; durations in milliseconds. */
export type AuditCount = {
  /** Lower-case resource id. */
  storeKey: string
  atMs: number
  operationName: string
  httpStatusCode: number
  count: number
  total: number
  minimum: number
  maximum: number
}
