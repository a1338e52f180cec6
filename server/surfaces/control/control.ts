import { Hono } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { ZodType } from 'zod'
import { advanceInput, rateInput } from '@/server/clock/contract'
import type { AgendaKind } from '@/server/clock/model'
import { isAdvanceDone, readClock, requestAdvance, setClockRate } from '@/server/clock/service'
import { settingsPatch } from '@/server/identity/contract'
import { authorize, readTenantSettings, updateTenantSettings } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError, type AppErrorCode, isAppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { log } from '@/server/kernel/log'
import { realSleep } from '@/server/kernel/time'
import { authenticate } from '../arm/authenticate'
import type { SurfaceEnv } from '../env'
import { readJson } from '../json'

const READ = 'Portcullis.Simulation/clock/read'
const WRITE = 'Portcullis.Simulation/clock/write'
const POLL_MS = 20

const STATUS: Partial<Record<AppErrorCode, ContentfulStatusCode>> = {
  InvalidAuthenticationToken: 401,
  AuthorizationFailed: 403,
  ForbiddenByRbac: 403,
  ResourceNotFound: 404,
  BadParameter: 400,
  InvalidParameterValue: 400,
}

/**
 * The simulation's own REST (host `control.localhost`): the tenant's clock and settings, for scripts, tests and instructors.
 * SIMULATED: Azure has nothing like it. Bearer tokens for the ARM audience; role Simulation Operator to move the clock.
 */
export async function handleControl(
  request: Request,
  env: SurfaceEnv,
  titles: Record<AgendaKind, string>,
): Promise<Response> {
  const app = new Hono()
  const show = async (ctx: Ctx) => Response.json(await readClock(env.db, ctx.tenantId, titles))

  app.get('/clock', async () => {
    const ctx = await caller(request, env)
    await authorize(ctx, READ, '/')
    return show(ctx)
  })
  app.post('/clock/advance', async () => {
    const ctx = await operator(request, env)
    const { seconds } = await body(request, advanceInput)
    const epoch = await requestAdvance(ctx, seconds)
    while (!request.signal.aborted && !(await isAdvanceDone(env.db, ctx.tenantId, epoch))) await realSleep(POLL_MS)
    return show(ctx)
  })
  app.post('/clock/rate', async () => {
    const ctx = await operator(request, env)
    await setClockRate(ctx, (await body(request, rateInput)).rate)
    return show(ctx)
  })
  app.post('/clock/pause', async () => {
    const ctx = await operator(request, env)
    await setClockRate(ctx, 0)
    return show(ctx)
  })
  app.get('/settings', async () => Response.json(await readTenantSettings(await caller(request, env))))
  app.patch('/settings', async () => {
    const ctx = await caller(request, env)
    return Response.json(await updateTenantSettings(ctx, await body(request, settingsPatch)))
  })
  app.notFound(() =>
    problem(
      404,
      'NotFound',
      'Known are GET /clock, POST /clock/advance, POST /clock/rate, POST /clock/pause, GET and PATCH /settings.',
    ),
  )
  app.onError((error) => {
    if (isAppError(error)) return problem(STATUS[error.code] ?? 409, error.code, error.publicMessage)
    log.error('control surface failed', error)
    return problem(500, 'InternalServerError', 'Something unexpected went wrong.')
  })
  return app.fetch(request)
}

async function operator(request: Request, env: SurfaceEnv): Promise<Ctx> {
  const ctx = await caller(request, env)
  await authorize(ctx, WRITE, '/')
  return ctx
}

/** The same tokens as for the ARM endpoint. */
function caller(request: Request, env: SurfaceEnv): Promise<Ctx> {
  const url = new URL(request.url)
  return authenticate(request, env, { base: `https://${url.host}`, path: [], correlationId: newId() })
}

async function body<T>(request: Request, schema: ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(
    await request
      .text()
      .then(readJson)
      .catch(() => null),
  )
  if (parsed.success) return parsed.data
  throw new AppError('BadParameter', { publicMessage: parsed.error.issues.map((i) => i.message).join(' ') })
}

const problem = (status: ContentfulStatusCode, code: string, message: string): Response =>
  Response.json({ error: { code, message } }, { status, headers: { 'cache-control': 'no-store' } })
