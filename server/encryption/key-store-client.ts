import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient, PipelinePolicy } from '@azure/core-rest-pipeline'
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys'
import { AppError, type AppErrorCode, isAppError } from '@/server/kernel/errors'
import { DEK_BYTES, type KeyDescription, type KeyWrapper, WRAP_ALGORITHM } from './model'

export type KeyStoreTransport = {
  credential: TokenCredential
  /** In-process transport to our own vaults; absent: real HTTPS. */
  httpClient?: HttpClient
  /** Retries are the caller's business when the store is in process. */
  maxRetries?: number
}

/**
 * SIMULATED: the SDK checks a key's validity dates on its own copy by the machine's time, while our stores live by a
 * virtual clock. Without the dates on that copy it leaves the decision to the store, which makes it anyway.
 */
const withoutValidityDates: PipelinePolicy = {
  name: 'withoutValidityDates',
  async sendRequest(request, next) {
    const response = await next(request)
    if (request.method !== 'GET' || response.status !== 200 || !response.bodyAsText) return response
    const body = JSON.parse(response.bodyAsText) as { attributes?: { nbf?: number; exp?: number } }
    if (body.attributes) body.attributes = { ...body.attributes, nbf: undefined, exp: undefined }
    return { ...response, bodyAsText: JSON.stringify(body) }
  },
}

/** A KeyWrapper over the genuine Key Vault SDK, acting as the credential's identity. */
export function createKeyStoreClient(transport: KeyStoreTransport): KeyWrapper {
  const options = {
    httpClient: transport.httpClient,
    retryOptions: { maxRetries: transport.maxRetries ?? (transport.httpClient ? 0 : 3) },
  }
  const cryptographyOptions = transport.httpClient
    ? { ...options, additionalPolicies: [{ policy: withoutValidityDates, position: 'perCall' as const }] }
    : options
  const cryptographyClient = (kid: string) => new CryptographyClient(kid, transport.credential, cryptographyOptions)
  return {
    async describeKey(keyUri) {
      const { vaultUrl, name, version } = splitKeyUri(keyUri)
      const key = await translated(() =>
        new KeyClient(vaultUrl, transport.credential, options).getKey(name, { version }),
      )
      return toDescription(keyUri, key)
    },
    async wrapKey(kid, dek) {
      if (dek.length !== DEK_BYTES) throw new Error(`A data key has ${DEK_BYTES} bytes, not ${dek.length}.`)
      const result = await translated(() => cryptographyClient(kid).wrapKey(WRAP_ALGORITHM, dek))
      return { kid, wrapped: result.result }
    },
    async unwrapKey(kid, wrapped) {
      const result = await translated(() => cryptographyClient(kid).unwrapKey(WRAP_ALGORITHM, wrapped))
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
  return new AppError(code, { publicMessage: e.message ?? 'The key store could not be reached.', cause: error })
}

const byStatus = (status?: number): AppErrorCode | undefined =>
  status === 403
    ? 'ForbiddenByRbac'
    : status === 404
      ? 'KeyNotFound'
      : status === 401
        ? 'InvalidAuthenticationToken'
        : undefined

/** The SDK checks validity dates and permitted operations on its own copy of the key and throws plain errors. */
function byMessage(message: string): AppErrorCode {
  if (/expired/i.test(message)) return 'KeyExpired'
  if (/can't be used before|not yet valid/i.test(message)) return 'KeyNotYetValid'
  if (/operation .* is not (permitted|supported|allowed)/i.test(message)) return 'KeyOperationForbidden'
  return 'VaultNotFound'
}
