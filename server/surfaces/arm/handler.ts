import { isAppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { log } from '@/server/kernel/log'
import type { SurfaceEnv } from '../env'
import { authenticate, Challenge } from './authenticate'
import { ArmError, armErrorBody, toArmError } from './errors'
import { cloudMetadata } from './metadata'
import { matchPattern, pathSegments, queryOf } from './request'
import type { ArmReply } from './route'
import { activityLogRoutes } from './routes/activity-log'
import { alertRoutes } from './routes/alerts'
import { authorizationRoutes } from './routes/authorization'
import { backupRoutes } from './routes/backups'
import { configurationRoutes } from './routes/configurations'
import { databaseRoutes } from './routes/databases'
import { firewallRuleRoutes } from './routes/firewall-rules'
import { keyRoutes } from './routes/keys'
import { lockRoutes } from './routes/locks'
import { managedHsmRoutes } from './routes/managed-hsms'
import { managedIdentityRoutes } from './routes/managed-identities'
import { metricRoutes } from './routes/metrics'
import { privateEndpointRoutes } from './routes/private-endpoints'
import { resourceHealthRoutes } from './routes/resource-health'
import { serverCapabilityRoutes } from './routes/server-capabilities'
import { serverOperationRoutes } from './routes/server-operations'
import { serverRoutes } from './routes/servers'
import { subscriptionRoutes } from './routes/subscriptions'
import { vaultRoutes } from './routes/vaults'

const ROUTES = [
  ...subscriptionRoutes,
  ...managedIdentityRoutes,
  ...vaultRoutes,
  ...privateEndpointRoutes,
  ...managedHsmRoutes,
  ...keyRoutes,
  ...serverRoutes,
  ...serverOperationRoutes,
  ...serverCapabilityRoutes,
  ...firewallRuleRoutes,
  ...databaseRoutes,
  ...configurationRoutes,
  ...backupRoutes,
  ...activityLogRoutes,
  ...alertRoutes,
  ...resourceHealthRoutes,
  ...metricRoutes,
  // Last: these end paths of any kind.
  ...authorizationRoutes,
  ...lockRoutes,
]

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Serves `management.localhost`: Azure Resource Manager for subscriptions, resource groups, managed identities, role
 * assignments, vaults, managed HSMs, PostgreSQL servers, monitoring and the activity log. Any api-version is taken; a missing one is refused.
 */
export async function handleArm(request: Request, env: SurfaceEnv): Promise<Response> {
  const asked = request.headers.get('x-ms-correlation-request-id') ?? ''
  const correlationId = GUID.test(asked) ? asked.toLowerCase() : newId()
  const reply = await answer(request, env, correlationId).catch((error: unknown) => refuse(request, error))
  return toResponse(request, reply, correlationId)
}

async function answer(request: Request, env: SurfaceEnv, correlationId: string): Promise<ArmReply> {
  const url = new URL(request.url)
  const base = `https://${url.host}`
  const path = pathSegments(url.pathname)
  const query = queryOf(url)
  const apiVersion = query.get('api-version')
  if (path.join('/').toLowerCase() === 'metadata/endpoints') {
    return { body: cloudMetadata(env, base, apiVersion ?? '') }
  }
  const ctx = await authenticate(request, env, { base, path, correlationId })
  if (!apiVersion) {
    const message = 'The api-version query parameter (?api-version=) is required for all requests.'
    throw new ArmError(400, 'MissingApiVersionParameter', message)
  }
  const matches = ROUTES.flatMap((r) => {
    const params = matchPattern(r.pattern, path)
    return params ? [{ ...r, params }] : []
  })
  const match = matches.find((r) => r.method === request.method)
  if (!match) throw matches.length ? wrongMethod(request) : unknownPath(path, apiVersion)
  return match.handle({ ctx, env, request, params: match.params, query, apiVersion, base })
}

const wrongMethod = ({ method }: Request): ArmError =>
  new ArmError(405, 'MethodNotAllowed', `The method '${method}' is not supported for this resource.`)

function unknownPath(path: string[], apiVersion: string): ArmError {
  const at = path.findLastIndex((segment) => segment.toLowerCase() === 'providers')
  const [namespace, type] = at < 0 ? [] : path.slice(at + 1)
  const what = namespace
    ? `The resource type '${type ?? ''}' could not be found in the namespace '${namespace}' for api version '${apiVersion}'.`
    : `The path '/${path.join('/')}' was not found.`
  // SIMULATED: Azure has many more types than this door.
  return new ArmError(
    404,
    namespace ? 'InvalidResourceType' : 'NotFound',
    `${what} It may not be part of this simulation.`,
  )
}

function refuse(request: Request, error: unknown): ArmReply {
  if (error instanceof Challenge) return { ...toArmError(error), headers: { 'WWW-Authenticate': error.header } }
  if (error instanceof ArmError) return { status: error.status, body: armErrorBody(error.code, error.message) }
  if (isAppError(error)) return toArmError(error)
  log.error(`${request.method} ${new URL(request.url).pathname} failed`, error)
  return {
    status: 500,
    body: armErrorBody('InternalServerError', 'The server encountered an internal error. Please retry the request.'),
  }
}

function toResponse(request: Request, reply: ArmReply, correlationId: string): Response {
  const headers = new Headers({
    'Cache-Control': 'no-cache',
    'x-ms-request-id': newId(),
    'x-ms-correlation-request-id': correlationId,
    ...reply.headers,
  })
  const clientId = request.headers.get('x-ms-client-request-id')
  if (clientId) headers.set('x-ms-client-request-id', clientId)
  const status = reply.status ?? 200
  if (reply.body === undefined || request.method === 'HEAD') return new Response(null, { status, headers })
  return Response.json(reply.body, { status, headers })
}
