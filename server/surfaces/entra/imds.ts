import { timingSafeEqual } from 'node:crypto'
import { locateManagedIdentity } from '@/server/identity/service'
import type { SurfaceEnv } from '../env'
import { audienceOfResource } from './audience'
import { EntraError, NO_STORE } from './errors'
import { grantTo, serviceContext } from './token'

const LOOPBACK = /^(::1|127\.\d+\.\d+\.\d+|::ffff:127\.\d+\.\d+\.\d+)$/

const refuse = (description: string, status = 400): Response =>
  Response.json({ error: 'invalid_request', error_description: description }, { status })

/** The header that a caller of the App Service form must know: the same for every process of an installation. */
export const identityHeader = ({ custody }: Pick<SurfaceEnv, 'custody'>): string =>
  custody.deriveKey('app-service-identity-header').toString('hex')

/**
 * The token endpoint that a virtual machine has for its managed identities.
 * SIMULATED: any caller on this machine is taken for a machine that has every identity of every tenant attached; callers
 * from elsewhere are refused. On Azure only the identities attached to the machine itself can be asked for.
 */
export async function answerImds(request: Request, env: SurfaceEnv): Promise<Response> {
  // As on Azure: a request that was relayed, or was tricked out of a browser, cannot carry the one or lacks the other.
  if (request.headers.has('x-forwarded-for')) return refuse('Proxied requests are not served.')
  if (request.headers.get('metadata')?.toLowerCase() !== 'true') return refuse('Required metadata header not specified')
  return answerIdentity(request, env)
}

/** The same as App Service has it: whoever knows the header of the installation is served. SIMULATED as `answerImds`. */
export async function answerAppService(request: Request, env: SurfaceEnv): Promise<Response> {
  const given = Buffer.from(request.headers.get('x-identity-header') ?? '')
  const expected = Buffer.from(identityHeader(env))
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    return refuse('The header X-IDENTITY-HEADER is missing or not the one of this installation.', 401)
  return answerIdentity(request, env)
}

async function answerIdentity(request: Request, env: SurfaceEnv): Promise<Response> {
  if (!LOOPBACK.test(env.caller.address)) return refuse('Only callers on this machine are served.', 403)
  const query = new URL(request.url).searchParams
  const resource = query.get('resource')
  if (!resource) return refuse("Required parameter 'resource' not specified")
  const found = await locateManagedIdentity(env.db, {
    clientId: query.get('client_id') ?? undefined,
    objectId: query.get('object_id') ?? query.get('principal_id') ?? undefined,
    resourceId: query.get('msi_res_id') ?? query.get('mi_res_id') ?? undefined,
  })
  if (!found) return refuse('Identity not found')
  try {
    const ctx = await serviceContext(env, found.tenantId)
    const grant = await grantTo(env, ctx, found.principal, audienceOfResource(resource))
    const body = {
      access_token: grant.token,
      client_id: found.principal.appId,
      expires_in: String(grant.expiresIn),
      expires_on: String(grant.expiresOn),
      ext_expires_in: String(grant.expiresIn),
      not_before: String(grant.notBefore),
      resource,
      token_type: 'Bearer',
    }
    return Response.json(body, { headers: NO_STORE })
  } catch (error) {
    if (error instanceof EntraError) return refuse(error.message)
    throw error
  }
}
