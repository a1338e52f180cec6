import { type AppError, isAppError } from '@/server/kernel/errors'
import { log } from '@/server/kernel/log'
import { STORE_ERRORS, type StoreError, type StoreType } from '@/server/keys/model'

/** What every answer of a store carries with it. */
export type Envelope = {
  type: StoreType
  requestId: string
  clientRequestId: string | null
  /** Region of the store; unknown while no store is found. */
  region?: string
  address: string
}

const VAULT_HEADERS = {
  pragma: 'no-cache',
  expires: '-1',
  'strict-transport-security': 'max-age=31536000;includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-ms-keyvault-service-version': '1.9.2250.1',
}
const HSM_HEADERS = {
  'content-security-policy': "default-src 'self'",
  'x-frame-options': 'SAMEORIGIN',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'x-content-type-options': 'nosniff',
}

function headers({ type, requestId, clientRequestId, region, address }: Envelope): Record<string, string> {
  const family = address.includes(':') ? ['Ipv6', 'InterNetworkV6'] : ['Ipv4', 'InterNetwork']
  return {
    'cache-control': 'no-cache',
    'x-ms-request-id': requestId,
    ...(type === 'vault' ? VAULT_HEADERS : HSM_HEADERS),
    ...(region && { 'x-ms-keyvault-region': region }),
    ...(type === 'vault' && {
      'x-ms-keyvault-network-info': `conn_type=${family[0]};addr=${address};act_addr_fam=${family[1]};`,
    }),
    ...(clientRequestId && { 'x-ms-client-request-id': clientRequestId }),
  }
}

export function respond(envelope: Envelope, status: number, body: object | null, more: Record<string, string> = {}) {
  const content = body && { 'content-type': 'application/json; charset=utf-8' }
  return new Response(body && JSON.stringify(body), { status, headers: { ...headers(envelope), ...content, ...more } })
}

/** An error in the store's form: an HSM ends each message with its activity id. */
export function respondError(
  envelope: Envelope,
  { status, code, innerCode }: StoreError,
  message: string,
  more?: Record<string, string>,
): Response {
  const activity = envelope.type === 'managedhsm' ? ` (Activity ID: ${envelope.requestId})` : ''
  const innererror = innerCode && { innererror: { code: innerCode } }
  return respond(envelope, status, { error: { code, message: `${message}${activity}`, ...innererror } }, more)
}

/** Whatever went wrong, as the client may know it: refusals in their own words, defects of ours without any detail. */
export function respondFailure(envelope: Envelope, error: unknown): Response {
  const known = isAppError(error) ? (error as AppError) : null
  const wire = known ? STORE_ERRORS[known.code] : STORE_ERRORS.DekUnavailable
  if (!known || wire.status >= 500) {
    log.error(`key store request ${envelope.requestId} failed`, error)
    return respondError(envelope, STORE_ERRORS.DekUnavailable, 'An internal error occurred. Please try again.')
  }
  const code = known.vendorCode === 'NotSupported' ? known.vendorCode : wire.code
  const retry = known.retryAfterSeconds && { 'retry-after': String(known.retryAfterSeconds) }
  return respondError(envelope, { ...wire, code }, known.publicMessage, retry || undefined)
}
