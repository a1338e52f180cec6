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

export type AuditQuery = {
  storeId: string
  operationName?: string
  from?: Date
  to?: Date
  before?: number
  limit: number
}
