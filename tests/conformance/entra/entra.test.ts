import { createRemoteJWKSet, customFetch, decodeJwt, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { setClockRate } from '@/server/clock/service'
import {
  createManagedIdentity,
  createResourceGroup,
  createServicePrincipal,
  deleteManagedIdentity,
} from '@/server/identity/service'
import { handleEntra } from '@/server/surfaces/entra/handler'
import { custody, START, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../../support/tenant'

const { db, service } = await testTenant()
const BASE = 'https://login.localhost:8443'
const app = await createServicePrincipal(service, { displayName: 'automation' })
const place = { subscriptionId: SUBSCRIPTION_ID, location: 'westeurope' }
await createResourceGroup(service, { ...place, name: 'rg' })
const identity = await createManagedIdentity(service, { ...place, resourceGroup: 'rg', name: 'id-server' })

const send = (path: string, init: RequestInit = {}, address = '127.0.0.1') =>
  handleEntra(new Request(`${BASE}${path}`, init), { db, custody, httpsPort: 8443, caller: { address } })
const get = async (path: string) => (await send(path)).json() as Promise<Record<string, unknown>>

const FORM = {
  grant_type: 'client_credentials',
  client_id: app.appId,
  client_secret: app.secret,
  scope: 'https://vault.azure.net/.default',
}
const ask = (form: Record<string, string>, path = `/${TENANT_ID}/oauth2/v2.0/token`) =>
  send(path, { method: 'POST', body: new URLSearchParams(form) })
const without = (name: keyof typeof FORM) => Object.fromEntries(Object.entries(FORM).filter(([key]) => key !== name))

describe('discovery', () => {
  it.each([TENANT_ID, 'contoso.example', 'common', 'organizations', 'adfs'])(
    'of %s names the host and port it was asked at, so that MSAL accepts the issuer',
    async (tenant) => {
      const found = await get(`/${tenant}/v2.0/.well-known/openid-configuration`)
      for (const name of [
        'issuer',
        'authorization_endpoint',
        'token_endpoint',
        'jwks_uri',
        'device_authorization_endpoint',
      ])
        expect(found[name], name).toMatch(new RegExp(`^${BASE}/${tenant}/`))
    },
  )

  it('has the form without version that the Azure CLI reads', async () => {
    expect(await get('/adfs/.well-known/openid-configuration')).toMatchObject({
      issuer: `${BASE}/adfs/`,
      token_endpoint: `${BASE}/adfs/oauth2/token`,
    })
  })

  it('knows this host as a cloud of its own', async () => {
    const authority = encodeURIComponent(`${BASE}/${TENANT_ID}/oauth2/v2.0/authorize`)
    expect(await get(`/common/discovery/instance?api-version=1.1&authorization_endpoint=${authority}`)).toMatchObject({
      tenant_discovery_endpoint: `${BASE}/${TENANT_ID}/v2.0/.well-known/openid-configuration`,
      metadata: [{ preferred_network: 'login.localhost:8443', aliases: ['login.localhost:8443'] }],
    })
  })

  it('refuses an unknown tenant', async () => {
    const response = await send(`/${SUBSCRIPTION_ID}/v2.0/.well-known/openid-configuration`)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error_codes: [90002] })
  })
})

describe('a token', () => {
  it('is given for a secret, and the published keys verify it', async () => {
    const response = await ask(FORM)
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toContain('no-store')
    const body = (await response.json()) as { access_token: string }
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, ext_expires_in: 3600 })
    expect(body).not.toHaveProperty('refresh_token')
    expect(body).not.toHaveProperty('id_token')
    const keys = createRemoteJWKSet(new URL(`${BASE}/${TENANT_ID}/discovery/v2.0/keys`), {
      [customFetch]: (url: string) => send(new URL(url).pathname),
    })
    const verified = await jwtVerify(body.access_token, keys, {
      audience: 'https://vault.azure.net',
      currentDate: START,
    })
    expect(verified.payload).toMatchObject({ oid: app.principal.objectId, tid: TENANT_ID })
  })

  it('is given by the first version for a resource, with its numbers as texts', async () => {
    const { scope: _none, ...form } = FORM
    const response = await ask({ ...form, resource: 'https://management.azure.com/' }, `/${TENANT_ID}/oauth2/token`)
    const body = (await response.json()) as Record<string, string>
    expect(body).toMatchObject({ expires_in: '3600', resource: 'https://management.azure.com' })
    expect(Number(body.expires_on) - Number(body.not_before)).toBe(3600)
  })

  it.each([
    '/adfs/oauth2/v2.0/token',
    '/adfs/oauth2/token',
    '/common/oauth2/v2.0/token',
    '/contoso.example/oauth2/v2.0/token',
  ])('is given at %s, the application telling the tenant where the path does not', async (path) => {
    const body = (await (await ask(FORM, path)).json()) as { access_token: string }
    expect(decodeJwt(body.access_token).tid).toBe(TENANT_ID)
  })

  it.each([
    ['https://localhost:8443//.default', 'https://localhost:8443'],
    ['https://management.azure.com//.default', 'https://management.azure.com'],
    ['https://vault.localhost:8443/.default', 'https://vault.localhost:8443'],
  ])('for the scope %s has the audience %s', async (scope, audience) => {
    const body = (await (await ask({ ...FORM, scope })).json()) as { access_token: string }
    expect(decodeJwt(body.access_token).aud).toBe(audience)
  })

  it('is offered for the real time that its virtual lifetime takes', async () => {
    await setClockRate(service, 60)
    expect(await (await ask(FORM)).json()).toMatchObject({ expires_in: 60 })
    await setClockRate(service, 0)
    expect(await (await ask(FORM)).json()).toMatchObject({ expires_in: 3600 })
  })

  it.each([
    ['a wrong secret', { ...FORM, client_secret: 'wrong' }, 401, 'invalid_client', 7000215],
    ['no secret', without('client_secret'), 401, 'invalid_client', 7000216],
    ['an unknown application', { ...FORM, client_id: SUBSCRIPTION_ID }, 400, 'unauthorized_client', 700016],
    [
      'a managed identity, which has no secret',
      { ...FORM, client_id: identity.clientId },
      400,
      'unauthorized_client',
      700016,
    ],
    ['no application', without('client_id'), 400, 'invalid_request', 900144],
    ['a scope that is no resource', { ...FORM, scope: 'openid' }, 400, 'invalid_scope', 1002012],
    ['no scope', without('scope'), 400, 'invalid_request', 900144],
    ['a misspelt resource', { ...FORM, scope: 'https://vaults.azure.net/.default' }, 400, 'invalid_resource', 500011],
    ['another grant', { ...FORM, grant_type: 'password' }, 400, 'unsupported_grant_type', 70003],
  ])('is refused for %s', async (_what, form, status, error, number) => {
    const response = await ask(form)
    expect(response.status).toBe(status)
    const body = (await response.json()) as Record<string, string>
    expect(body).toMatchObject({ error, error_codes: [number] })
    expect(body.error_description).toMatch(
      new RegExp(`^AADSTS${number}: .* Trace ID: .* Correlation ID: .* Timestamp: `),
    )
    for (const name of ['timestamp', 'trace_id', 'correlation_id', 'error_uri']) expect(body[name], name).toBeTruthy()
    expect(JSON.stringify(body)).not.toContain(app.secret)
  })

  it('is refused in an unknown tenant', async () => {
    const response = await ask(FORM, '/nowhere.example/oauth2/v2.0/token')
    expect(await response.json()).toMatchObject({ error_codes: [90002] })
  })
})

describe('the token endpoint of machines', () => {
  const path = (query: Record<string, string>) =>
    `/metadata/identity/oauth2/token?${new URLSearchParams({ 'api-version': '2018-02-01', resource: 'https://vault.azure.net', ...query })}`
  const metadata = { headers: { Metadata: 'true' } }

  it.each([
    ['client_id', identity.clientId],
    ['object_id', identity.principalId],
    ['msi_res_id', identity.id.toUpperCase()],
  ])('knows an identity by its %s', async (name, value) => {
    const body = (await (await send(path({ [name]: value }), metadata)).json()) as Record<string, string>
    expect(body).toMatchObject({
      client_id: identity.clientId,
      expires_in: '86400',
      resource: 'https://vault.azure.net',
      token_type: 'Bearer',
    })
    expect(decodeJwt(body.access_token!)).toMatchObject({ oid: identity.principalId, xms_mirid: identity.id })
  })

  it('answers with a slash before the query as well', async () => {
    const withSlash = path({ client_id: identity.clientId }).replace('/token?', '/token/?')
    expect((await send(withSlash, metadata)).status).toBe(200)
  })

  it.each([
    ['without the header that no browser sends by itself', {}, {}, '127.0.0.1', 400],
    ['that was relayed', { headers: { Metadata: 'true', 'X-Forwarded-For': '1.2.3.4' } }, {}, '127.0.0.1', 400],
    ['from another machine', metadata, {}, '192.168.1.10', 403],
    ['for an unknown identity', metadata, { client_id: SUBSCRIPTION_ID }, '127.0.0.1', 400],
    ['for an application', metadata, { client_id: app.appId }, '127.0.0.1', 400],
    ['without a resource', metadata, { resource: '' }, '127.0.0.1', 400],
  ])('refuses a request %s', async (_what, init, query, address, status) => {
    const response = await send(path({ client_id: identity.clientId, ...query }), init, address)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ error: 'invalid_request' })
  })

  it('refuses a request that names no identity', async () => {
    expect(await (await send(path({}), metadata)).json()).toMatchObject({ error_description: 'Identity not found' })
  })

  it('no longer knows an identity that was deleted', async () => {
    const gone = await createManagedIdentity(service, { ...place, resourceGroup: 'rg', name: 'id-gone' })
    await deleteManagedIdentity(service, gone.id)
    for (const [name, value] of Object.entries({
      client_id: gone.clientId,
      object_id: gone.principalId,
      msi_res_id: gone.id,
    }))
      expect((await send(path({ [name]: value }), metadata)).status, name).toBe(400)
  })
})
