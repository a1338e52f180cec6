import { openContext, readRate } from '@/server/clock/service'
import { APP_TOKEN_SECONDS, MANAGED_IDENTITY_TOKEN_SECONDS } from '@/server/identity/model'
import {
  checkClientSecret,
  findPrincipalByAppId,
  findTenant,
  findTenantOfApp,
  issueToken,
} from '@/server/identity/service'
import { type Ctx, type Principal, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { realNowMs } from '@/server/kernel/time'
import type { SurfaceEnv } from '../env'
import { audienceOfResource, audienceOfScope } from './audience'
import { entraErrors } from './errors'

/** Authorities that name no tenant: the application says which one it is. */
const ANY_TENANT = new Set(['adfs', 'common', 'organizations'])
export const isAnyTenant = (tenant: string): boolean => ANY_TENANT.has(tenant.toLowerCase())

export type Grant = {
  token: string
  audience: string
  /** Real seconds the client may keep the token for. */
  expiresIn: number
  /** The same as seconds since the epoch, real time. */
  expiresOn: number
  notBefore: number
}

/** Finds the tenant that a path names. @throws EntraError */
export async function requireTenant(env: SurfaceEnv, tenant: string, appId?: string): Promise<string> {
  const found = isAnyTenant(tenant)
    ? appId && (await findTenantOfApp(env.db, appId))
    : (await findTenant(env.db, tenant))?.id
  if (found) return found
  throw isAnyTenant(tenant) ? entraErrors.unknownApp(appId) : entraErrors.unknownTenant(tenant)
}

export const serviceContext = (env: SurfaceEnv, tenantId: string): Promise<Ctx> =>
  openContext({ db: env.db, custody: env.custody, caller: env.caller, tenantId, principal: SERVICE_PRINCIPAL })

/** Answers the client-credentials grant. @throws EntraError */
export async function grantToClient(env: SurfaceEnv, tenant: string, form: URLSearchParams): Promise<Grant> {
  const parameter = (name: string): string => {
    const value = form.get(name)
    if (!value) throw entraErrors.parameterMissing(name)
    return value
  }
  const grantType = parameter('grant_type')
  const appId = parameter('client_id')
  const tenantId = await requireTenant(env, tenant, appId)
  if (grantType !== 'client_credentials') throw entraErrors.unsupportedGrant(grantType)
  const secret = form.get('client_secret')
  if (!secret) throw entraErrors.secretMissing()
  const ctx = await serviceContext(env, tenantId)
  const principal = await findPrincipalByAppId(ctx, appId)
  // A managed identity has no secret that anyone could present.
  if (principal?.kind !== 'ServicePrincipal') throw entraErrors.unknownApp(appId)
  if (!(await checkClientSecret(ctx, appId, secret))) throw entraErrors.badSecret(appId)
  const resource = form.get('resource')
  const audience = resource ? audienceOfResource(resource) : audienceOfScope(parameter('scope'))
  return grantTo(env, ctx, principal, audience)
}

/**
 * Issues a token dated by the tenant's clock, and says in real time how long it will last: real clients know no other.
 * While the clock is paused or slow, the token is offered for no longer than its virtual lifetime.
 */
export async function grantTo(
  env: SurfaceEnv,
  ctx: Ctx,
  principal: Principal,
  audience: string,
  clientId?: string,
): Promise<Grant> {
  const lifetimeSeconds = principal.mirid ? MANAGED_IDENTITY_TOKEN_SECONDS : APP_TOKEN_SECONDS
  const { tenantId, now } = ctx
  const token = await issueToken(env, { tenantId, principal, audience, now, lifetimeSeconds, clientId })
  const rate = Math.max(1, await readRate(env.db, tenantId))
  const expiresIn = Math.max(1, Math.floor(lifetimeSeconds / rate))
  const notBefore = Math.floor(realNowMs() / 1000)
  return { token, audience, expiresIn, expiresOn: notBefore + expiresIn, notBefore }
}
