import 'server-only'
import { unstable_rethrow } from 'next/navigation'
import type { Ctx } from '@/server/kernel/context'
import { type AppErrorCode, isAppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { log } from '@/server/kernel/log'
import { portalContext, portalTenant } from './portal-context'

/** HTTP status of the portal's own JSON routes. */
const STATUS: Partial<Record<AppErrorCode, number>> = {
  AuthorizationFailed: 403,
  InvalidAuthenticationToken: 401,
  ForbiddenByRbac: 403,
  ForbiddenByPolicy: 403,
  ForbiddenByFirewall: 403,
  ForbiddenByConnection: 403,
  ResourceNotFound: 404,
  ResourceGroupNotFound: 404,
  VaultNotFound: 404,
  KeyNotFound: 404,
  IdentityNotFound: 404,
  Conflict: 409,
}

const json = (status: number, body: unknown): Response =>
  Response.json(body, { status, headers: { 'cache-control': 'no-store' } })

/**
 * Answers one of the portal's JSON routes: opens the person's context, runs the query, turns refusals into JSON
 * `{ code, message }`. Any other error is logged and answered with its correlation id alone. 503 while setting up.
 */
export const answer = (query: (ctx: Ctx) => Promise<unknown>): Promise<Response> =>
  respond(async (ctx) => json(200, await query(ctx)))

/** Answers with a file of JSON lines, written while it is read; refusals as `answer`. */
export const answerLines = (
  fileName: string,
  query: (ctx: Ctx) => Promise<AsyncIterable<unknown>>,
): Promise<Response> =>
  respond(async (ctx) => {
    const rows = await query(ctx)
    return new Response(toStream(toLines(rows)), {
      headers: {
        'cache-control': 'no-store',
        'content-type': 'application/x-ndjson; charset=utf-8',
        'content-disposition': `attachment; filename="${fileName}"`,
      },
    })
  })

const toStream = (chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> =>
  new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: async () => void (await chunks.return(undefined)),
  })

async function* toLines(rows: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  for await (const row of rows) yield encoder.encode(`${JSON.stringify(row)}\n`)
}

async function respond(work: (ctx: Ctx) => Promise<Response>): Promise<Response> {
  if (!(await portalTenant())) return json(503, { code: 'NotReady', message: 'Portcullis is still being set up.' })
  const correlationId = newId()
  try {
    return await work({ ...(await portalContext()), correlationId })
  } catch (error) {
    unstable_rethrow(error)
    if (isAppError(error)) return json(STATUS[error.code] ?? 400, { code: error.code, message: error.publicMessage })
    log.error(`portal query failed, correlation ${correlationId}`, error)
    return json(500, { code: 'Unexpected', message: `Something broke here. Correlation id: ${correlationId}` })
  }
}
