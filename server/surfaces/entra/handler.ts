import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { signingKeys } from '@/server/identity/service'
import { log } from '@/server/kernel/log'
import { realNowMs } from '@/server/kernel/time'
import type { SurfaceEnv } from '../env'
import { answerDeviceCode, PERSONAL_GRANTS, readForm } from './device'
import { answerDevicePage, askForCode } from './device-page'
import { instanceDiscovery, openIdConfiguration } from './discovery'
import { EntraError, entraErrorResponse, entraErrors, NO_STORE } from './errors'
import { answerAppService, answerImds } from './imds'
import { grantToClient, isAnyTenant, requireTenant } from './token'

const app = new Hono<{ Bindings: SurfaceEnv }>({ strict: false })

/** Clients are told the host and port they came by; the listener speaks TLS only, whatever the request says. */
const baseOf = (request: Request): string => `https://${new URL(request.url).host}`

app.get('/common/discovery/instance', (c) =>
  c.json(instanceDiscovery(baseOf(c.req.raw), c.req.query('authorization_endpoint'))),
)

app.get('/metadata/identity/oauth2/token', (c) => answerImds(c.req.raw, c.env))
app.get('/msi/token', (c) => answerAppService(c.req.raw, c.env))

for (const version of ['', '/v2.0'] as const) {
  app.get(`/:tenant${version}/.well-known/openid-configuration`, async (c) => {
    const tenant = c.req.param('tenant')
    if (!isAnyTenant(tenant)) await requireTenant(c.env, tenant)
    return c.json(openIdConfiguration(baseOf(c.req.raw), tenant, version))
  })

  app.get(`/:tenant/discovery${version}/keys`, async (c) => {
    const tenant = c.req.param('tenant')
    const keys = isAnyTenant(tenant) ? { keys: [] } : await signingKeys(c.env.db, await requireTenant(c.env, tenant))
    return c.json(keys)
  })

  app.post(`/:tenant/oauth2${version}/token`, async (c) => {
    const text = await c.req.text()
    const form = new URLSearchParams(text)
    const personal = PERSONAL_GRANTS[form.get('grant_type') ?? '']
    const { grant, more } = personal
      ? await personal(c.env, baseOf(c.req.raw), readForm(text))
      : { grant: await grantToClient(c.env, c.req.param('tenant'), form), more: {} }
    const { token, audience, expiresIn, expiresOn, notBefore } = grant
    const common = { token_type: 'Bearer', access_token: token, ...more }
    // The first version gives its numbers as texts.
    const body = form.has('resource')
      ? {
          ...common,
          expires_in: String(expiresIn),
          ext_expires_in: String(expiresIn),
          expires_on: String(expiresOn),
          not_before: String(notBefore),
          resource: audience,
        }
      : { ...common, expires_in: expiresIn, ext_expires_in: expiresIn }
    return c.json(body, 200, NO_STORE)
  })
}

for (const version of ['', '/v2.0'] as const)
  app.post(`/:tenant/oauth2${version}/devicecode`, async (c) => {
    const form = readForm(await c.req.text())
    return c.json(await answerDeviceCode(c.env, baseOf(c.req.raw), c.req.param('tenant'), form), 200, NO_STORE)
  })

app.get('/device', (c) => askForCode(c.req.query('code') ?? ''))
app.post('/device', (c) => answerDevicePage(c.req.raw, c.env, baseOf(c.req.raw)))

app.notFound((c) =>
  c.json({ error: 'not_found', error_description: `${c.req.path} is no endpoint of this simulated Entra ID.` }, 404),
)

app.onError((error, c) => {
  if (error instanceof HTTPException) return error.getResponse()
  const known = error instanceof EntraError ? error : entraErrors.unavailable()
  if (known !== error) log.error(`${c.req.method} ${c.req.path} failed`, error)
  return entraErrorResponse(known, baseOf(c.req.raw), new Date(realNowMs()), c.req.header('client-request-id'))
})

/** Serves `login.localhost`: discovery, signing keys, tokens, sign-in on devices, and the endpoints of managed identities. */
export async function handleEntra(request: Request, env: SurfaceEnv): Promise<Response> {
  return app.fetch(request, env)
}
