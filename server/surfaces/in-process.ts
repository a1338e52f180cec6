import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline'
import type { SurfaceEnv } from './env'
import { handleKeyVault } from './keyvault/handler'
import { handleManagedHsm } from './managed-hsm/handler'

const SURFACES: [suffix: string, handle: (request: Request, env: SurfaceEnv) => Promise<Response>][] = [
  ['.vault.localhost', handleKeyVault],
  ['.managedhsm.localhost', handleManagedHsm],
]

/**
 * A transport for the Azure SDKs that hands requests to our own key stores without a socket. All else of the SDK's
 * pipeline (challenge, retries, telemetry) stays in place. `env.caller` is who the stores see calling.
 * Any other host fails like a name that does not resolve.
 */
export function createInProcessHttpClient(env: SurfaceEnv): HttpClient {
  return {
    async sendRequest(request) {
      const { hostname } = new URL(request.url)
      const surface = SURFACES.find(([suffix]) => hostname.endsWith(suffix))
      if (!surface) throw new RestError(`getaddrinfo ENOTFOUND ${hostname}`, { code: 'ENOTFOUND', request })
      const response = await surface[1](toRequest(request), env)
      return toPipelineResponse(request, response)
    },
  }
}

function toRequest({ url, method, headers, body }: PipelineRequest): Request {
  return new Request(url, { method, headers: headers.toJSON(), body: readBody(body) })
}

/** Key store clients send text; what streams belongs to other services. */
function readBody(body: PipelineRequest['body']): string | Uint8Array<ArrayBuffer> | undefined {
  if (body === undefined || body === null) return undefined
  if (typeof body === 'string') return body
  if (ArrayBuffer.isView(body)) return Uint8Array.from(Buffer.from(body.buffer, body.byteOffset, body.byteLength))
  throw new Error('The in-process transport carries text and bytes only.')
}

async function toPipelineResponse(request: PipelineRequest, response: Response): Promise<PipelineResponse> {
  return {
    request,
    status: response.status,
    headers: createHttpHeaders(Object.fromEntries(response.headers)),
    bodyAsText: await response.text(),
  }
}
