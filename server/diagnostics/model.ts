import type { ChainLink } from '@/server/activity/model'
import type { SinkKind } from './contract'

export type Sink = {
  id: string
  tenantId: string
  storeId: string
  name: string
  kind: SinkKind
  endpoint: string
  createdAt: Date
  sentIndex: number
  failures: number
  lastError: string | null
  retryAtMs: number
  deliveredAtMs: number | null
  testAsked: boolean
  /** The secret that signs a webhook's requests, sealed; null for what is not signed. */
  sealedSecret: Uint8Array | null
}

/** A record as it goes out: Azure's schema and, but for a test, its place in the chain. */
export type OutgoingRecord = {
  time: string
  category: string
  operationName: string
  resourceId: string
  resultType: string
  correlationId: string
  chain?: ChainLink
} & Record<string, unknown>

/** How sending ended. `message` says so in words for the page. */
export type SendOutcome = { accepted: boolean; message: string }

/** Records of one attempt: far below what receivers take in one request. */
export const BATCH_RECORDS = 200
export const SEND_TIMEOUT_MS = 10_000
/** How long a claimed attempt is nobody else's; longer than an attempt can take. */
export const LEASE_MS = 60_000
