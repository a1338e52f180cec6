import { decodeJwt, errors, type JWK, type JWTPayload } from 'jose'
import type { Principal } from '@/server/kernel/context'
import type { Custody } from '@/server/kernel/custody'
import type { Db } from '@/server/kernel/db'
import { AppError, invariant } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { openToken, signToken } from '../crypto'
import { isGuid } from '../rules'
import { selectSigningKeys } from '../store/tenants'
import { findPrincipal } from './principals'
import { SIGNING_KEY_PURPOSE } from './tenants'

type Env = { db: Db; custody: Custody }
const seconds = (at: Date): number => Math.floor(at.getTime() / 1000)

/** Who issues a tenant's tokens, as Azure's v1 tokens name it. */
export const defaultIssuer = (tenantId: string): string => `https://sts.windows.net/${tenantId}/`

/**
 * Issues an access token in the shape of Azure's v1 tokens (RS256).
 * @param request.now virtual time; `nbf`, `iat` and `exp` count from it.
 * @returns the compact JWT; hand it to the caller, never to a log.
 */
export async function issueToken(
  env: Env,
  request: {
    tenantId: string
    principal: Principal
    audience: string
    now: Date
    lifetimeSeconds: number
    issuer?: string
    /** The application by which a person signed in. */
    clientId?: string
  },
): Promise<string> {
  const { tenantId, principal } = request
  const issuer = request.issuer ?? defaultIssuer(tenantId)
  const iat = seconds(request.now)
  const claims: JWTPayload = {
    aud: request.audience,
    iss: issuer,
    iat,
    nbf: iat,
    exp: iat + request.lifetimeSeconds,
    idp: issuer,
    tid: tenantId,
    oid: principal.objectId,
    sub: principal.objectId,
    uti: newId(),
    ver: '1.0',
    ...identityClaims(principal),
    ...(request.clientId && { appid: request.clientId, appidacr: '0' }),
  }
  return sign(env, tenantId, claims)
}

async function sign(env: Env, tenantId: string, claims: JWTPayload): Promise<string> {
  const [key] = await selectSigningKeys(env.db, tenantId)
  invariant(key, `the tenant ${tenantId} has no signing key`)
  const pem = env.custody.open(SIGNING_KEY_PURPOSE, key.id, key.sealedPrivate).toString()
  return signToken(pem, key.id, claims)
}

/** Tells an application who signed in by it; no door takes it for an access token. */
export function issueIdToken(
  env: Env,
  request: {
    tenantId: string
    person: Principal
    clientId: string
    issuer: string
    now: Date
    lifetimeSeconds: number
  },
): Promise<string> {
  const { tenantId, person, clientId, issuer } = request
  const iat = seconds(request.now)
  const who = { oid: person.objectId, sub: person.objectId, tid: tenantId, name: person.displayName }
  const claims = { aud: clientId, iss: issuer, iat, nbf: iat, exp: iat + request.lifetimeSeconds, ver: '2.0', ...who }
  return sign(env, tenantId, { ...claims, preferred_username: person.upn })
}

const REFRESH_PURPOSE = 'refresh-token'
type Refresh = { tenantId: string; objectId: string; clientId: string; expires: number }

/** What a device gets new tokens by: it opens here alone, and for its application alone. */
export const sealRefreshToken = ({ custody }: Pick<Env, 'custody'>, { clientId, ...refresh }: Refresh): string =>
  Buffer.from(custody.seal(REFRESH_PURPOSE, clientId, Buffer.from(JSON.stringify(refresh)))).toString('base64url')

/** Null for what is no refresh token of this application. Whether it has expired is the caller's to judge. */
export function openRefreshToken({ custody }: Pick<Env, 'custody'>, text: string, clientId: string): Refresh | null {
  try {
    const plain = custody.open(REFRESH_PURPOSE, clientId, Buffer.from(text, 'base64url'))
    return { ...(JSON.parse(plain.toString()) as Omit<Refresh, 'clientId'>), clientId }
  } catch {
    return null
  }
}

function identityClaims({ kind, appId, upn, displayName, mirid, groupIds }: Principal): JWTPayload {
  if (kind === 'User') {
    return { idtyp: 'user', upn, unique_name: upn, name: displayName, groups: groupIds, scp: 'user_impersonation' }
  }
  // 1: the application proved itself by a secret; 2: by a certificate, as the platform does for a managed identity.
  return { idtyp: 'app', appid: appId, appidacr: mirid ? '2' : '1', ...(mirid ? { xms_mirid: mirid } : {}) }
}

/**
 * Checks a token and loads its principal as of now, so that a deleted one is refused at once.
 * @param options.now virtual time.
 * @throws AppError `InvalidAuthenticationToken`; its `vendorCode` tells an expired token and one of another tenant apart.
 */
export async function verifyToken(
  env: Env,
  token: string,
  options: { audiences: string[]; now: Date; tenantId: string },
): Promise<Principal> {
  const publicJwk = await verifyingKey(env.db, options.tenantId, readHeaderKid(token))
  if (!publicJwk) {
    const tenant = readTokenTenant(token)
    throw tenant && tenant !== options.tenantId
      ? refused(
          `The access token is from the tenant '${tenant}', not '${options.tenantId}'.`,
          'InvalidAuthenticationTokenTenant',
        )
      : refused('The access token was not signed by a key of this tenant.')
  }
  const issuer = defaultIssuer(options.tenantId)
  const claims = await openToken(token, { ...options, issuer, publicJwk }).catch((error: unknown) => {
    throw explain(error, { ...options, issuer })
  })
  if (claims.tid !== options.tenantId) throw refused('The access token names another tenant.')
  const principal = await findPrincipal({ db: env.db, tenantId: options.tenantId }, String(claims.oid))
  if (!principal) throw refused('The principal of the access token no longer exists.')
  return principal
}

/** Of each tenant by their names; what was a key once stays that key. */
const knownKeys = new Map<string, JWK>()

async function verifyingKey(db: Db, tenantId: string, kid: string | undefined): Promise<JWK | undefined> {
  const known = knownKeys.get(`${tenantId} ${kid}`)
  if (known) return known
  for (const { id, publicJwk } of await selectSigningKeys(db, tenantId)) knownKeys.set(`${tenantId} ${id}`, publicJwk)
  return knownKeys.get(`${tenantId} ${kid}`)
}

function refused(publicMessage: string, vendorCode?: string): AppError {
  return new AppError('InvalidAuthenticationToken', { publicMessage, vendorCode })
}

function explain(
  error: unknown,
  { audiences, issuer, now }: { audiences: string[]; issuer: string; now: Date },
): AppError {
  if (error instanceof errors.JWTExpired) {
    return refused(
      `The access token expiry UTC time '${new Date(Number(error.payload.exp) * 1000).toISOString()}' is earlier than current UTC time '${now.toISOString()}'.`,
      'ExpiredAuthenticationToken',
    )
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'aud') {
    return refused(
      `The access token has been obtained for wrong audience or resource '${String(error.payload.aud)}'. It should exactly match one of the allowed audiences: ${audiences.map((a) => `'${a}'`).join(', ')}.`,
    )
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'iss')
    return refused(`AKV10032: Invalid issuer. Expected ${issuer}, found ${String(error.payload.iss)}.`)
  if (error instanceof errors.JWTClaimValidationFailed)
    return refused(`The access token is not valid: ${error.message}.`)
  return refused('The access token is invalid.')
}

function readHeaderKid(token: string): string | undefined {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())
    return (header as { kid?: string }).kid
  } catch {
    throw refused('The access token is invalid.')
  }
}

/** The tenant that a token claims to be of; nothing of it is verified yet. */
export function readTokenTenant(token: string): string | null {
  try {
    const { tid } = decodeJwt(token)
    return typeof tid === 'string' && isGuid(tid) ? tid : null
  } catch {
    return null
  }
}

/** The public keys of a tenant's tokens, newest first. */
export async function signingKeys(db: Db, tenantId: string): Promise<{ keys: JWK[] }> {
  return { keys: (await selectSigningKeys(db, tenantId)).map((key) => ({ ...key.publicJwk, x5t: key.id })) }
}
