import { openContext } from '@/server/clock/service'
import { REFRESH_TOKEN_DAYS } from '@/server/identity/model'
import {
  beginDeviceSignIn,
  DEVICE_SIGN_IN_SECONDS,
  findAnyTenant,
  findPrincipal,
  findPrincipalByAppId,
  issueIdToken,
  openRefreshToken,
  redeemDeviceSignIn,
  sealRefreshToken,
} from '@/server/identity/service'
import { type Ctx, type Principal, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import type { SurfaceEnv } from '../env'
import { audienceOfResource, audienceOfScope } from './audience'
import { PUBLIC_CLIENTS } from './clients'
import { entraErrors } from './errors'
import { type Grant, grantTo, isAnyTenant, requireTenant } from './token'

/** Seconds between two questions of a device. SIMULATED: Entra wants five. */
const INTERVAL = 1

/** Grants by which a person's application gets tokens. */
export const PERSONAL_GRANTS: Record<string, (env: SurfaceEnv, base: string, form: Form) => Promise<PersonalAnswer>> = {
  device_code: grantToDevice,
  'urn:ietf:params:oauth:grant-type:device_code': grantToDevice,
  refresh_token: refresh,
}

type Form = { get(name: string): string | null; require(name: string): string }
export type PersonalAnswer = { grant: Grant; more: Record<string, string> }

/** Reads a form; `require` throws EntraError for what is missing. */
export function readForm(text: string): Form {
  const fields = new URLSearchParams(text)
  return {
    get: (name) => fields.get(name),
    require(name) {
      const value = fields.get(name)
      if (!value) throw entraErrors.parameterMissing(name)
      return value
    },
  }
}

/** Answers a device that wants a person to sign in: what it keeps, and what the person types where. @throws EntraError */
export async function answerDeviceCode(env: SurfaceEnv, base: string, tenant: string, form: Form) {
  const clientId = form.require('client_id')
  const tenantId = isAnyTenant(tenant) ? await findAnyTenant(env.db) : await requireTenant(env, tenant)
  if (!tenantId) throw entraErrors.unknownTenant(tenant)
  await requireClient(env, tenantId, clientId)
  audienceOf(form)
  const { deviceCode, userCode } = await beginDeviceSignIn(env.db, { tenantId, clientId })
  const verification_uri = `${base}/device`
  return {
    ...{ user_code: userCode, device_code: deviceCode, verification_uri },
    ...{ verification_uri_complete: `${verification_uri}?code=${userCode}` },
    ...{ expires_in: DEVICE_SIGN_IN_SECONDS, interval: INTERVAL },
    message: `To sign in, open the page ${verification_uri} and enter the code ${userCode}.`,
  }
}

async function requireClient(env: SurfaceEnv, tenantId: string, clientId: string): Promise<void> {
  if (PUBLIC_CLIENTS[clientId.toLowerCase()]) return
  const app = await findPrincipalByAppId({ db: env.db, tenantId }, clientId)
  if (app?.kind !== 'ServicePrincipal') throw entraErrors.unknownApp(clientId)
}

/** Scopes about the person herself stand beside the one that names a resource. */
const ABOUT_THE_PERSON = ['openid', 'profile', 'offline_access', 'email']

function audienceOf(form: Form): string {
  const resource = form.get('resource')
  if (resource) return audienceOfResource(resource)
  const scopes = (form.get('scope') ?? '').split(/\s+/).filter((s) => s && !ABOUT_THE_PERSON.includes(s))
  return audienceOfScope(scopes[0] ?? '')
}

async function grantToDevice(env: SurfaceEnv, base: string, form: Form): Promise<PersonalAnswer> {
  const clientId = form.require('client_id')
  const deviceCode = form.get('device_code') ?? form.require('code')
  // Read before the code is used up: a device that asks for nonsense may ask again.
  const audience = audienceOf(form)
  const state = await redeemDeviceSignIn(env.db, deviceCode, clientId)
  if (state === 'pending') throw entraErrors.authorizationPending()
  if (state === 'declined') throw entraErrors.authorizationDeclined()
  if (state === 'expired') throw entraErrors.deviceCodeExpired()
  if (state === 'unknown') throw entraErrors.badDeviceCode()
  return grantToPerson(env, base, { ...state, clientId, audience })
}

async function refresh(env: SurfaceEnv, base: string, form: Form): Promise<PersonalAnswer> {
  const clientId = form.require('client_id')
  const token = openRefreshToken(env, form.require('refresh_token'), clientId)
  const ctx = token && (await contextOf(env, token.tenantId))
  if (!token || !ctx || token.expires <= ctx.now.getTime()) throw entraErrors.badRefreshToken()
  const principal = await findPrincipal(ctx, token.objectId)
  if (!principal) throw entraErrors.badRefreshToken()
  return grantToPerson(env, base, { principal, tenantId: token.tenantId, clientId, audience: audienceOf(form) })
}

const contextOf = (env: SurfaceEnv, tenantId: string): Promise<Ctx> =>
  openContext({ ...{ db: env.db, custody: env.custody, caller: env.caller }, tenantId, principal: SERVICE_PRINCIPAL })

type Person = { principal: Principal; tenantId: string; clientId: string; audience: string }

async function grantToPerson(env: SurfaceEnv, base: string, person: Person): Promise<PersonalAnswer> {
  const { principal, tenantId, clientId, audience } = person
  const ctx = await contextOf(env, tenantId)
  const grant = await grantTo(env, ctx, principal, audience, clientId)
  const expires = ctx.now.getTime() + REFRESH_TOKEN_DAYS * 86_400_000
  const refreshToken = sealRefreshToken(env, { tenantId, objectId: principal.objectId, clientId, expires })
  const idToken = await issueIdToken(env, {
    ...{ tenantId, person: principal, clientId, issuer: `${base}/${tenantId}/v2.0` },
    ...{ now: ctx.now, lifetimeSeconds: 3600 },
  })
  const clientInfo = Buffer.from(JSON.stringify({ uid: principal.objectId, utid: tenantId })).toString('base64url')
  const scope = `${audience}/user_impersonation ${audience}/.default`
  return { grant, more: { scope, refresh_token: refreshToken, id_token: idToken, client_info: clientInfo } }
}
