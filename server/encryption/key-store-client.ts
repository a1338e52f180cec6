import type { TokenCredential } from '@azure/core-auth'
import { createHttpHeaders, type HttpClient, type PipelinePolicy } from '@azure/core-rest-pipeline'
import { type CryptographyClient, KeyClient, type KeyClientOptions } from '@azure/keyvault-keys'
import { AppError, type AppErrorCode, isAppError } from '@/server/kernel/errors'
import { DEK_BYTES, type KeyDescription, type KeyWrapper, WRAP_ALGORITHM } from './model'

export type KeyStoreTransport = {
  credential: TokenCredential
  /** In-process transport to our own vaults; absent: real HTTPS. */
  httpClient?: HttpClient
  /** Retries are the caller's business when the store is in process. */
  maxRetries?: number
}

/** Marks a look at a key that is to be answered by the store; it stays here. */
const DESCRIBE = 'x-describe-key'

/**
 * Remembers the keys that were described, and answers the SDK's own look at a key from them: it takes one before every
 * use of a key version, only to judge dates and permitted operations on a copy, which the store judges anyway.
 */
function rememberKeys(keepDates: boolean): PipelinePolicy {
  const bodies = new Map<string, string>()
  return {
    name: 'rememberKeys',
    async sendRequest(request, next) {
      if (request.method !== 'GET') return next(request)
      const describing = request.headers.has(DESCRIBE)
      request.headers.delete(DESCRIBE)
      const known = describing ? undefined : bodies.get(pathOf(request.url))
      if (known) return { request, status: 200, headers: createHttpHeaders(), bodyAsText: known }
      const response = await next(request)
      if (response.status !== 200 || !response.bodyAsText) return response
      const body = JSON.parse(response.bodyAsText) as KeyBody
      const copy = keepDates ? response.bodyAsText : JSON.stringify(withoutDates(body))
      if (describing && body.key?.kid) bodies.set(pathOf(body.key.kid), copy)
      return describing ? response : { ...response, bodyAsText: copy }
    },
  }
}

type KeyBody = { key?: { kid?: string }; attributes?: { nbf?: number; exp?: number } }

/**
 * SIMULATED: the SDK checks a key's validity dates on its own copy by the machine's time, while our stores live by a
 * virtual clock. Without the dates on that copy it leaves the decision to the store.
 */
const withoutDates = (body: KeyBody): KeyBody =>
  body.attributes ? { ...body, attributes: { ...body.attributes, nbf: undefined, exp: undefined } } : body

const pathOf = (url: string): string => {
  const { hostname, pathname } = new URL(url)
  return `${hostname}${pathname}`.toLowerCase()
}

/** One client for each store: they share a pipeline, and with it the token and the challenge that led to it. */
function perStore(make: (vaultUrl: string) => KeyClient): (vaultUrl: string) => KeyClient {
  const clients = new Map<string, KeyClient>()
  return (vaultUrl) => {
    const client = clients.get(vaultUrl) ?? make(vaultUrl)
    clients.set(vaultUrl, client)
    return client
  }
}

/**
 * Lets the first request to a store end before others begin. The SDK sends a client's first request without its body, to
 * be challenged, and forgets the body when another request is challenged meanwhile.
 */
function afterTheFirst(): <T>(vaultUrl: string, call: () => Promise<T>) => Promise<T> {
  const first = new Map<string, Promise<unknown>>()
  return async (vaultUrl, call) => {
    const earlier = first.get(vaultUrl)
    if (earlier) {
      await earlier
      return call()
    }
    const mine = call()
    first.set(
      vaultUrl,
      mine.catch(() => undefined),
    )
    return mine
  }
}

/** A KeyWrapper over the genuine Key Vault SDK, acting as the credential's identity. Made for one piece of work. */
export function createKeyStoreClient(transport: KeyStoreTransport): KeyWrapper {
  const { credential, httpClient } = transport
  const policy = rememberKeys(!httpClient)
  const clientOf = perStore(
    (vaultUrl) =>
      new KeyClient(vaultUrl, credential, {
        httpClient,
        retryOptions: { maxRetries: transport.maxRetries ?? (httpClient ? 0 : 3) },
        additionalPolicies: [{ policy, position: 'perCall' }],
      } as KeyClientOptions),
  )
  const inTurn = afterTheFirst()
  const withKey = <T>(kid: string, call: (client: CryptographyClient) => Promise<T>): Promise<T> => {
    const { vaultUrl, name, version } = splitKeyUri(kid)
    const client = clientOf(vaultUrl).getCryptographyClient(name, { keyVersion: version })
    return translated(() => inTurn(vaultUrl, () => call(client)))
  }
  return {
    async describeKey(keyUri) {
      const { vaultUrl, name, version } = splitKeyUri(keyUri)
      const options = { version, requestOptions: { headers: { [DESCRIBE]: 'yes' } } }
      const key = await translated(() => inTurn(vaultUrl, () => clientOf(vaultUrl).getKey(name, options)))
      return toDescription(keyUri, key)
    },
    async wrapKey(kid, dek) {
      if (dek.length !== DEK_BYTES) throw new Error(`A data key has ${DEK_BYTES} bytes, not ${dek.length}.`)
      const result = await withKey(kid, (client) => client.wrapKey(WRAP_ALGORITHM, dek))
      return { kid, wrapped: result.result }
    },
    async unwrapKey(kid, wrapped) {
      const result = await withKey(kid, (client) => client.unwrapKey(WRAP_ALGORITHM, wrapped)).catch(notWrappedByIt)
      return Buffer.from(result.result)
    },
  }
}

function toDescription(keyUri: string, key: Awaited<ReturnType<KeyClient['getKey']>>): KeyDescription {
  const modulus = key.key?.n
  if (!key.id)
    throw new AppError('KeyNotFound', { publicMessage: `The key store answered without an identifier for ${keyUri}.` })
  return {
    kid: key.id,
    kty: key.keyType ?? 'unknown',
    keySize: modulus ? modulus.length * 8 : null,
    enabled: key.properties.enabled ?? true,
    notBefore: key.properties.notBefore ?? null,
    expires: key.properties.expiresOn ?? null,
  }
}

function splitKeyUri(keyUri: string): { vaultUrl: string; name: string; version?: string } {
  const url = new URL(keyUri)
  const [, collection, name, version] = url.pathname.split('/')
  if (collection !== 'keys' || !name) {
    throw new AppError('InvalidParameterValue', { publicMessage: `"${keyUri}" is not a key identifier.` })
  }
  return { vaultUrl: url.origin, name, version: version || undefined }
}

/** A store that answers, and finds the request itself at fault, was given bytes that its key did not wrap. */
function notWrappedByIt(error: unknown): never {
  const status = (error as { cause?: StoreError }).cause?.statusCode
  if (!isAppError(error) || error.code !== 'BadParameter' || status !== 400) throw error
  const publicMessage = `The key store says that its key did not wrap this data key: ${error.publicMessage}`
  throw new AppError('EnvelopeCorrupt', { publicMessage, cause: error })
}

const INNER_CODES: Record<string, AppErrorCode> = {
  ForbiddenByRbac: 'ForbiddenByRbac',
  ForbiddenByPolicy: 'ForbiddenByPolicy',
  AccessDenied: 'ForbiddenByPolicy',
  ForbiddenByFirewall: 'ForbiddenByFirewall',
  ForbiddenByConnection: 'ForbiddenByConnection',
  KeyDisabled: 'KeyDisabled',
  KeyNotYetValid: 'KeyNotYetValid',
  KeyExpired: 'KeyExpired',
  KeyOperationForbidden: 'KeyOperationForbidden',
}

const OUTER_CODES: Record<string, AppErrorCode> = {
  KeyNotFound: 'KeyNotFound',
  VaultNotFound: 'VaultNotFound',
  NotActivated: 'HsmNotActivated',
  Unauthorized: 'InvalidAuthenticationToken',
}

type StoreError = {
  code?: string
  statusCode?: number
  message?: string
  response?: { headers: { get(name: string): string | undefined } }
  details?: { error?: { innererror?: { code?: string }; innerError?: { code?: string } } }
}

async function translated<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw translate(error)
  }
}

/** The key store's refusal in our codes; its own text stays, since it names the caller, the action and the resource. */
export function translate(error: unknown): AppError {
  if (isAppError(error)) return error
  const e = error as StoreError
  const inner = e.details?.error?.innererror?.code ?? e.details?.error?.innerError?.code
  const code =
    (inner && INNER_CODES[inner]) ||
    (e.code && OUTER_CODES[e.code]) ||
    byStatus(e.statusCode) ||
    byMessage(e.message ?? '')
  const retryAfter = Number(e.response?.headers.get('retry-after'))
  return new AppError(code, {
    publicMessage: e.message ?? 'The key store could not be reached.',
    ...(retryAfter > 0 ? { retryAfterSeconds: retryAfter } : {}),
    cause: error,
  })
}

/** A store that answers nonsense is there, and of no use: that is no word on its keys. */
const STATUS_CODES: Record<number, AppErrorCode> = {
  400: 'BadParameter',
  401: 'InvalidAuthenticationToken',
  403: 'ForbiddenByRbac',
  404: 'KeyNotFound',
  429: 'Throttled',
  500: 'BadParameter',
  503: 'BadParameter',
}
const byStatus = (status?: number): AppErrorCode | undefined => STATUS_CODES[status ?? 0]

/** The SDK checks validity dates and permitted operations on its own copy of the key and throws plain errors. */
function byMessage(message: string): AppErrorCode {
  if (/expired/i.test(message)) return 'KeyExpired'
  if (/can't be used before|not yet valid/i.test(message)) return 'KeyNotYetValid'
  if (/operation .* is not (permitted|supported|allowed)/i.test(message)) return 'KeyOperationForbidden'
  return 'VaultNotFound'
}
