import { openContext } from '@/server/clock/service'
import { findTenant, findTenantOfSubscription, readTokenTenant, verifyToken } from '@/server/identity/service'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { AppError, isAppError } from '@/server/kernel/errors'
import { claimsChallenge } from '../claims-challenge'
import type { SurfaceEnv } from '../env'

/** What tokens for this door are asked for: by the public cloud's name, by ours, or by the endpoint a client was given. */
const audiencesAt = (base: string, httpsPort: number): string[] => [
  ...new Set(
    [
      'https://management.azure.com',
      'https://management.core.windows.net',
      'https://management.localhost',
      `https://management.localhost:${httpsPort}`,
      base,
    ].flatMap((audience) => [audience, `${audience}/`]),
  ),
]

/** A refusal to let a caller in, with the header that tells it where to get a token. */
export class Challenge extends AppError {
  constructor(
    init: { code: string; message: string },
    readonly header: string,
  ) {
    super('InvalidAuthenticationToken', { publicMessage: init.message, vendorCode: init.code })
  }
}

/**
 * Finds out who is asking, from the bearer token alone.
 * @throws Challenge when there is no token, or not one that holds here and now.
 */
export async function authenticate(
  request: Request,
  env: SurfaceEnv,
  asked: { base: string; path: string[]; correlationId: string },
): Promise<Ctx> {
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  if (!token) {
    const tenantId = (await tenantOfPath(env, asked.path)) ?? 'common'
    const message = "Authentication failed. The 'Authorization' header is missing."
    throw new Challenge({ code: 'AuthenticationFailed', message }, challengeHeader(env, tenantId, invalid(message)))
  }
  const tenantId = readTokenTenant(token)
  if (!tenantId || !(await findTenant(env.db, tenantId))) {
    const message = 'The access token is invalid.'
    throw new Challenge(
      { code: 'InvalidAuthenticationToken', message },
      challengeHeader(env, 'common', invalid(message)),
    )
  }
  const { db, custody, caller } = env
  const { correlationId } = asked
  const service = await openContext({ db, custody, caller, tenantId, correlationId, principal: SERVICE_PRINCIPAL })
  try {
    const audiences = audiencesAt(asked.base, env.httpsPort)
    return { ...service, principal: await verifyToken(env, token, { audiences, now: service.now, tenantId }) }
  } catch (error) {
    if (!isAppError(error) || error.code !== 'InvalidAuthenticationToken') throw error
    const code = error.vendorCode ?? error.code
    const reason = code === 'ExpiredAuthenticationToken' ? claimsChallenge(service.now) : invalid(error.publicMessage)
    throw new Challenge({ code, message: error.publicMessage }, challengeHeader(env, tenantId, reason))
  }
}

const invalid = (message: string): string =>
  `error="invalid_token", error_description="${message.replaceAll('"', "'")}"`

const challengeHeader = ({ httpsPort }: SurfaceEnv, tenantId: string, reason: string): string =>
  `Bearer authorization_uri="https://login.localhost:${httpsPort}/${tenantId}", ${reason}`

async function tenantOfPath({ db }: SurfaceEnv, path: string[]): Promise<string | null> {
  const [first, subscriptionId] = path
  return first?.toLowerCase() === 'subscriptions' && subscriptionId
    ? findTenantOfSubscription(db, subscriptionId)
    : null
}
