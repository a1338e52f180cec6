import { openContext } from '@/server/clock/service'
import { verifyToken } from '@/server/identity/service'
import type { Ctx, Principal } from '@/server/kernel/context'
import type { Db } from '@/server/kernel/db'
import { AppError, isAppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { STORE_ERRORS, type StoreType } from '@/server/keys/model'
import { LATEST_API_VERSION, recordRequest } from '@/server/keys/service/audit'
import type { GuardedKeys, RequestOptions } from '@/server/keys/service/guarded'
import { claimsChallenge } from '../claims-challenge'
import type { SurfaceEnv } from '../env'
import { readJson } from '../json'
import { type Answer, REQUESTS } from './requests'
import { type Envelope, respond, respondError, respondFailure } from './responses'
import { matchRoute } from './routes'

/** A store as its host name leads to it. */
export type FoundStore = {
  id: string
  tenantId: string
  name: string
  location: string
  softDelete?: boolean
  softDeleteDays: number
  purgeProtection: boolean
}

export type OwnCall = {
  ctx: Ctx
  storeId: string
  method: string
  path: string
  /** `https://host[:port]` by which the client came. */
  origin: string
  body(): unknown
  options: RequestOptions
}

/** What differs between the data planes of vaults and HSMs. `S` is the store as its own service knows it. */
export type KeyStoreDoor<S extends FoundStore = FoundStore> = {
  type: StoreType
  find(db: Db, name: string): Promise<S | null>
  keys(ctx: Ctx, store: S, options: RequestOptions): GuardedKeys
  /** Paths that are not about keys; null when the path is none of them. */
  own?(call: OwnCall): Promise<Answer | null>
}

const NOBODY: Principal = { objectId: '', kind: 'User', displayName: 'anonymous', groupIds: [] }
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** From 7.0 on; versions of a later date than ours belong to clients that are newer than this simulation. */
const API_VERSION = /^(2015-06-01|2016-10-01|7\.[0-6]|202[5-9]-\d{2}-\d{2}|20[3-9]\d-\d{2}-\d{2})(-preview(\.\d+)?)?$/

/** Serves one request to a vault's or an HSM's data plane, in the order of the service: token, then all the rest. */
export async function handleKeyStore<S extends FoundStore>(
  request: Request,
  env: SurfaceEnv,
  door: KeyStoreDoor<S>,
): Promise<Response> {
  const url = new URL(request.url)
  const clientRequestId = request.headers.get('x-ms-client-request-id')
  const requestId = clientRequestId && GUID.test(clientRequestId) ? clientRequestId.toLowerCase() : newId()
  const envelope: Envelope = { type: door.type, requestId, clientRequestId, address: env.caller.address }
  try {
    const store = await door.find(env.db, url.hostname.split('.')[0] ?? '')
    if (!store) return respondError(envelope, STORE_ERRORS.VaultNotFound, `No key store answers at ${url.hostname}.`)
    envelope.region = store.location
    return await serve({ request, url, env, door, store, envelope })
  } catch (error) {
    return respondFailure(envelope, error)
  }
}

type Visit<S extends FoundStore = FoundStore> = {
  request: Request
  url: URL
  env: SurfaceEnv
  door: KeyStoreDoor<S>
  store: S
  envelope: Envelope
}

async function serve<S extends FoundStore>(visit: Visit<S>): Promise<Response> {
  const { request, url, env, store, envelope } = visit
  const userAgent = env.caller.userAgent ?? request.headers.get('user-agent') ?? undefined
  const nobody = await openContext({
    ...{ db: env.db, custody: env.custody, tenantId: store.tenantId, correlationId: envelope.requestId },
    principal: NOBODY,
    caller: { ...env.caller, userAgent, privateEndpoint: endpointOf(request) },
  })
  const admission = await authenticate(visit, nobody)
  if ('refusal' in admission) return admission.refusal
  const apiVersion = url.searchParams.get('api-version')
  if (!apiVersion) throw new AppError('BadParameter', { publicMessage: 'api-version must be specified' })
  if (!API_VERSION.test(apiVersion))
    throw new AppError('BadParameter', {
      publicMessage: `The specified version (${apiVersion.slice(0, 64)}) is not recognized. Consider using the latest supported version (${LATEST_API_VERSION}).`,
    })
  return answer(visit, { ...nobody, principal: admission.principal }, { apiVersion })
}

/** SIMULATED: there are no private networks, so that a request names the private endpoint by which it comes. */
const endpointOf = (request: Request) => request.headers.get('x-portcullis-private-endpoint') ?? undefined

async function answer<S extends FoundStore>(visit: Visit<S>, ctx: Ctx, options: RequestOptions): Promise<Response> {
  const { request, url, door, store, envelope } = visit
  const method = tunnelledMethod(request)
  const text = await request.text()
  const body = () => parseJson(text)
  const path = url.pathname.replace(/^\/+/, '/')
  const origin = `https://${url.host}`
  const own = await door.own?.({ ctx, storeId: store.id, method, path, origin, body, options })
  if (own) return send(envelope, own)
  const route = matchRoute(method, url.pathname)
  if (route === null)
    return respondError(envelope, { status: 404, code: 'NotFound' }, `${url.pathname} is no endpoint.`)
  if (route === 'wrong-method')
    return respondError(envelope, { status: 405, code: 'MethodNotAllowed' }, `${url.pathname} does not take ${method}.`)
  const wireStore = {
    type: door.type,
    // Identifiers lead back to where the client came in, whatever name and port that was.
    origin,
    // An HSM has no other way.
    softDelete: store.softDelete ?? true,
    softDeleteDays: store.softDeleteDays,
    purgeProtection: store.purgeProtection,
  }
  const call = { keys: door.keys(ctx, store, options), store: wireStore, route, url, body }
  return send(envelope, await REQUESTS[route.operation](call))
}

const send = (envelope: Envelope, answer: Answer): Response =>
  respond(envelope, answer.status, 'body' in answer ? answer.body : null, 'headers' in answer ? answer.headers : {})

/** Clients that cannot send PATCH or DELETE name them in a header. */
const tunnelledMethod = (request: Request): string =>
  (request.method === 'POST' && request.headers.get('x-http-method')?.toUpperCase()) || request.method

/** The body as JSON, undefined when there is none. @throws AppError `BadParameter`. */
function parseJson(text: string): unknown {
  if (!text.trim()) return undefined
  try {
    return readJson(text)
  } catch {
    throw new AppError('BadParameter', { publicMessage: 'The request body is not well-formed JSON.' })
  }
}

/** Of a visit what the question of who comes needs. */
type Arrival = Omit<Visit, 'door'> & { door: { type: StoreType } }

/** The host of the audience: the store's host without its name, e.g. `vault.localhost`. */
const audienceHost = (hostname: string): string => hostname.slice(hostname.indexOf('.') + 1)

function audiences({ url, env, door }: Pick<Visit, 'url' | 'env'> & { door: { type: StoreType } }): string[] {
  const base = `https://${audienceHost(url.hostname)}`
  const real = door.type === 'vault' ? 'https://vault.azure.net' : 'https://managedhsm.azure.net'
  return [base, `${base}:${url.port || '443'}`, `${base}:${env.httpsPort}`, real]
}

/** The bearer's principal, or the 401 that makes clients fetch a token; each 401 is recorded as `Authentication`. */
async function authenticate(visit: Arrival, nobody: Ctx): Promise<{ principal: Principal } | { refusal: Response }> {
  const token = /^(?:Bearer|PoP)\s+(\S+)$/i.exec(visit.request.headers.get('authorization') ?? '')?.[1]
  if (!token) return refuseCaller(visit, nobody, 'AKV10000: Request is missing a Bearer or PoP token.', false)
  const expected = { audiences: audiences(visit), now: nobody.now, tenantId: nobody.tenantId }
  try {
    return { principal: await verifyToken(visit.env, token, expected) }
  } catch (error) {
    if (!isAppError(error) || error.code !== 'InvalidAuthenticationToken') throw error
    const expired = error.vendorCode === 'ExpiredAuthenticationToken'
    const message = expired ? "[TokenExpired] Error validating token: 'S2S12086'." : error.publicMessage
    return refuseCaller(visit, nobody, message, expired)
  }
}

async function refuseCaller(
  { url, door, store, envelope }: Arrival,
  nobody: Ctx,
  message: string,
  expired: boolean,
): Promise<{ refusal: Response }> {
  const port = url.port ? `:${url.port}` : ''
  // Quoted, with comma AND space, and the port in the resource: the parsers of the SDKs want it just so.
  const challenge = [
    `Bearer authorization="https://login.localhost${port}/${store.tenantId}"`,
    `resource="https://${audienceHost(url.hostname)}${port}"`,
    ...(expired ? [claimsChallenge(nobody.now)] : []),
  ].join(', ')
  await recordRequest(
    { ...nobody, principal: null },
    {
      store: { id: store.id, name: store.name, type: door.type },
      operationName: 'Authentication',
      apiVersion: url.searchParams.get('api-version') ?? undefined,
    },
    {},
    { status: 401, description: message, durationMs: 0 },
  )
  const headers = { 'www-authenticate': challenge }
  return {
    refusal:
      door.type === 'managedhsm'
        ? respond(envelope, 401, null, headers)
        : respondError(envelope, STORE_ERRORS.InvalidAuthenticationToken, message, headers),
  }
}
