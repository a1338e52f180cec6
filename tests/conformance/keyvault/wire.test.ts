import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createResourceGroup, createUser, issueToken } from '@/server/identity/service'
import {
  createPrivateEndpoint,
  createVault,
  decidePrivateEndpoint,
  setAccessPolicy,
  updateVault,
} from '@/server/keyvault/service'
import { handleKeyVault } from '@/server/surfaces/keyvault/handler'
import { LOCATION, vaultInput } from '../../support/key-stores'
import { custody, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../../support/tenant'

const { db, service } = await testTenant()
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })
const officer = await createUser(service, { displayName: 'Olga', upn: 'olga@contoso.example' })
const vault = await createVault(service, vaultInput('wire', { rbac: false }))
await setAccessPolicy(service, vault.id, { objectId: officer.objectId, keys: ['all', 'purge'] })
const ORIGIN = 'https://wire.vault.localhost:8443'
const token = (more: { audience?: string; now?: Date } = {}) =>
  issueToken(
    { db, custody },
    {
      tenantId: TENANT_ID,
      principal: officer,
      audience: 'https://vault.localhost:8443',
      now: service.now,
      lifetimeSeconds: 3600,
      ...more,
    },
  )
const bearer = `Bearer ${await token()}`

type Answer = { status: number; headers: Headers; text: string; json: ReturnType<typeof JSON.parse> }

/** Everything that any request of this file was answered with. */
const answers: string[] = []

async function call(
  method: string,
  path: string,
  init: { body?: unknown; auth?: string | null; headers?: object } = {},
) {
  const { body, auth = bearer, headers } = init
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
  const url = /[?]/.test(path) ? `${ORIGIN}${path}` : `${ORIGIN}${path}?api-version=7.4`
  const request = new Request(url, {
    method,
    body: text as string | undefined,
    headers: { 'content-type': 'application/json', ...(auth && { authorization: auth }), ...headers },
  })
  const response = await handleKeyVault(request, {
    db,
    custody,
    httpsPort: 8443,
    caller: { address: '127.0.0.1' },
  })
  const answer = await response.text()
  answers.push(answer, JSON.stringify([...response.headers]))
  const parsed: Answer = {
    status: response.status,
    headers: response.headers,
    text: answer,
    json: answer ? JSON.parse(answer) : null,
  }
  return parsed
}
const error = ({ status, json }: Answer) => [status, json.error.code, json.error.innererror?.code]

describe('the challenge', () => {
  it('is answered to a request without token and body, in the form that the SDKs parse', async () => {
    const answer = await call('POST', '/keys/k/create', { auth: null })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer authorization="https://login.localhost:8443/${TENANT_ID}", resource="https://vault.localhost:8443"`,
    )
    expect(answer.json.error).toEqual({
      code: 'Unauthorized',
      message: 'AKV10000: Request is missing a Bearer or PoP token.',
    })
  })

  it.each([
    ['a token for someone else', { audience: 'https://management.azure.com' }],
    ['a token that has expired', { now: new Date(service.now.getTime() - 7200_000) }],
    ['a token from the future', { now: new Date(service.now.getTime() + 7200_000) }],
  ])('is answered to %s', async (_what, more) => {
    const answer = await call('GET', '/keys', { auth: `Bearer ${await token(more)}` })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('resource="https://vault.localhost:8443"')
  })

  it('asks for a fresh token when the clock has left the old one behind', async () => {
    const old = await token({ now: new Date(service.now.getTime() - 7200_000) })
    const answer = await call('GET', '/keys', { auth: `Bearer ${old}` })
    expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_claims", claims="')
    expect(answer.json.error.message).toContain('[TokenExpired]')
  })

  it.each(['Bearer', 'Bearer x', 'Bearer x.y.z', 'Basic abc', `Bearer ${'a.'.repeat(2000)}`])(
    'is answered to "%s"',
    async (auth) => {
      expect((await call('GET', '/keys', { auth: auth.slice(0, 4000) })).status).toBe(401)
    },
  )

  it('comes before anything is said of the request', async () => {
    expect((await call('POST', '/nothing/here?x=1', { auth: null, body: '{' })).status).toBe(401)
  })

  it('accepts the audience of the real service too', async () => {
    const real = `Bearer ${await token({ audience: 'https://vault.azure.net' })}`
    expect((await call('GET', '/keys', { auth: real })).status).toBe(200)
  })
})

describe('a request', () => {
  it('needs an api-version, whose name may be escaped', async () => {
    expect(error(await call('GET', '/keys?x=1'))).toEqual([400, 'BadParameter', undefined])
    expect(error(await call('GET', '/keys?api-version=latest'))).toEqual([400, 'BadParameter', undefined])
    expect((await call('GET', '/keys?api%2Dversion=2025-07-01')).status).toBe(200)
    expect((await call('GET', '/keys?api-version=7.4-preview.1')).status).toBe(200)
  })

  it('may end in a slash, have an empty version, and any case', async () => {
    await call('POST', '/keys/lenient/create/', { body: { kty: 'RSA' } })
    const body = { alg: 'RSA-OAEP-256', value: 'AQID' }
    expect((await call('GET', '/keys/lenient/')).status).toBe(200)
    expect((await call('POST', '/keys/lenient//wrapkey', { body })).status).toBe(200)
    expect((await call('POST', '//Keys/LENIENT//wrapKey', { body })).status).toBe(200)
  })

  it('may carry its method in a header', async () => {
    await call('POST', '/keys/tunnelled/create', { body: { kty: 'EC' } })
    const patch = { body: { attributes: { enabled: false } }, headers: { 'x-http-method': 'PATCH' } }
    expect((await call('POST', '/keys/tunnelled', patch)).json.attributes.enabled).toBe(false)
  })

  it.each([
    ['POST', '/keys/bad/create', '{', 400],
    ['POST', '/keys/bad/create', '[]', 400],
    ['POST', '/keys/bad/create', '"x"', 400],
    ['POST', '/keys/bad/create', '{"kty":7}', 400],
    ['POST', '/keys/bad/create', undefined, 400],
    ['POST', '/keys/bad/create', '{"kty":"RSA","key_size":2047}', 400],
    ['POST', '/keys/bad/create', '{"kty":"RSA","attributes":{"nbf":5,"exp":5}}', 400],
    ['POST', '/keys/bad/create', '{"kty":"RSA","attributes":{"exp":1e99}}', 400],
    ['POST', '/keys/bad/create', '{"kty":"RSA","attributes":{"exp":9007199254740991}}', 400],
    ['POST', '/keys/bad/create', '{"kty":"RSA","attributes":{"nbf":-1}}', 400],
    ['PUT', '/keys/lenient/rotationpolicy', '{"attributes":{"expiryTime":"P999999999Y"}}', 400],
    ['PUT', '/keys/lenient/rotationpolicy', '{"attributes":{"expiryTime":"-P90D"}}', 400],
    ['POST', '/keys/bad/create', '{"kty":"oct"}', 400],
    ['POST', '/keys/bad/create', '{"kty":"RSA-HSM"}', 400],
    ['POST', '/keys/bad/create', '{"kty":"EC","crv":"\\u0000"}', 400],
    ['POST', '/keys/bad/create', '{"kty":"EC","tags":{"a":"\\u0000"}}', 400],
    ['POST', '/keys/bad/create', '{"kty":"EC","tags":{"a":"\\ud800"}}', 400],
    ['POST', '/keys/lenient//wrapkey', '{"alg":"\\u0000\\ud800","value":"AQ"}', 400],
    ['POST', '/keys//create', '{"kty":"RSA"}', 400],
    ['POST', '/keys/bad_name/create', '{"kty":"RSA"}', 400],
    ['POST', '/keys/%00/create', '{"kty":"RSA"}', 400],
    ['POST', '/keys/%ff/create', '{"kty":"RSA"}', 400],
    ['GET', '/keys/missing', undefined, 404],
    ['GET', '/keys/missing/%00', undefined, 404],
    ['GET', '/keys?api-version=7.4&maxresults=26', undefined, 400],
    ['GET', '/keys?api-version=7.4&$skiptoken=%00', undefined, 400],
    ['PUT', '/keys/bad', '{"key":{"kty":"RSA","n":"AQ","e":"AQAB"}}', 400],
    ['PUT', '/keys/bad', '{"key":{"kty":"RSA","key_hsm":"AQ"}}', 400],
    ['POST', '/keys/lenient//sign', '{"alg":"RS256","value":"AQ"}', 400],
    ['POST', '/keys/lenient//verify', '{"alg":"RS256","value":"AQ"}', 400],
    ['POST', '/keys/restore', undefined, 400],
    ['POST', '/keys/restore', '{"value":"AQ"}', 400],
    ['POST', '/keys/lenient//release', '{"target":"a.b.c"}', 403],
    ['POST', '/keys/bad/create', '{"kty":"RSA","attributes":{"exportable":true}}', 400],
    ['GET', '/keys?api-version=9.9', undefined, 400],
    ['GET', '/secrets/x', undefined, 404],
    ['DELETE', '/keys', undefined, 405],
    ['GET', '/', undefined, 404],
  ])('%s %s with %s is refused in well-formed words (%d)', async (method, path, body, status) => {
    const answer = await call(method, path, { body })
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(Object.keys(answer.json)).toEqual(['error'])
    expect(answer.json.error).toMatchObject({ code: expect.any(String), message: expect.any(String) })
    expect(answer.text).not.toMatch(/node_modules|\.ts:|\bat .+\(|Prisma|zod/i)
  })

  it('from somebody without rights is refused before its contents are looked at', async () => {
    const nobody = await createUser(service, { displayName: 'Nils', upn: 'nils@contoso.example' })
    const auth = `Bearer ${await issueToken({ db, custody }, { tenantId: TENANT_ID, principal: nobody, audience: 'https://vault.azure.net', now: service.now, lifetimeSeconds: 60 })}`
    const refused = [403, 'Forbidden', 'ForbiddenByPolicy']
    expect(error(await call('POST', '/keys/x/create', { auth, body: '{' }))).toEqual(refused)
    expect(error(await call('GET', '/keys/missing', { auth }))).toEqual(refused)
    expect(error(await call('GET', '/keys?api-version=7.4&maxresults=0', { auth }))).toEqual(refused)
  })

  it('gets past a closed firewall by the private endpoint that it names, if that is approved', async () => {
    const endpoint = { name: 'pe-wire', subscriptionId: SUBSCRIPTION_ID, resourceGroup: 'rg' }
    const { privateEndpointId } = await createPrivateEndpoint(service, vault.id, endpoint)
    await updateVault(service, vault.id, { publicNetworkAccess: false })
    const by = async (id: string) =>
      (await call('GET', '/keys', { headers: { 'x-portcullis-private-endpoint': id } })).status
    expect((await call('GET', '/keys')).json.error.innererror.code).toBe('ForbiddenByConnection')
    expect(await by(`${privateEndpointId}-2`)).toBe(403)
    expect(await by(privateEndpointId)).toBe(200)
    await decidePrivateEndpoint(service, vault.id, 'pe-wire', { status: 'Rejected' })
    expect(await by(privateEndpointId)).toBe(403)
    await updateVault(service, vault.id, { publicNetworkAccess: true })
  })

  it('to a vault that is not there is answered like one that was deleted', async () => {
    const request = new Request('https://missing.vault.localhost:8443/keys?api-version=7.4')
    const env = { db, custody, httpsPort: 8443, caller: { address: '127.0.0.1' } }
    const response = await handleKeyVault(request, env)
    expect([response.status, (await response.json()).error.code]).toEqual([404, 'VaultNotFound'])
  })
})

describe('an answer', () => {
  it('has the headers of the service and echoes the client’s request id', async () => {
    const id = '12345678-0000-4000-8000-000000000000'
    const { headers } = await call('GET', '/keys', { headers: { 'x-ms-client-request-id': id } })
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'no-cache',
      'x-content-type-options': 'nosniff',
      'x-ms-keyvault-region': LOCATION,
      'x-ms-client-request-id': id,
      'x-ms-request-id': id,
      'x-ms-keyvault-network-info': 'conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;',
    })
  })

  it('names keys by the host that the client came by', async () => {
    const { json } = await call('POST', '/keys/named/create', { body: { kty: 'EC', crv: 'P-521', tags: { a: 'b' } } })
    expect(json.key).toMatchObject({ kty: 'EC', crv: 'P-521', key_ops: ['sign', 'verify'] })
    expect(json.key.kid).toMatch(/^https:\/\/wire\.vault\.localhost:8443\/keys\/named\/[0-9a-f]{32}$/)
    expect(json.attributes).toEqual({
      enabled: true,
      created: service.now.getTime() / 1000,
      updated: service.now.getTime() / 1000,
      recoveryLevel: 'CustomizedRecoverable+Purgeable',
      recoverableDays: 7,
      exportable: false,
      hsmPlatform: '0',
    })
    expect(json.tags).toEqual({ a: 'b' })
  })

  it('never holds private key material, whatever was asked', async () => {
    for (const body of [{ kty: 'RSA' }, { kty: 'EC' }]) {
      const name = `secret-${body.kty}`
      await call('POST', `/keys/${name}/create`, { body })
      await call('POST', `/keys/${name}/rotate`)
      await call('PATCH', `/keys/${name}`, { body: { attributes: { enabled: true } } })
      for (const path of ['', '/versions', '/rotationpolicy', '//attestation'])
        await call('GET', `/keys/${name}${path}`)
      for (const word of ['backup', 'v/release', '/sign', '/decrypt'])
        await call('POST', `/keys/${name}/${word}`, { body: {} })
      await call('DELETE', `/keys/${name}`)
      await call('GET', `/deletedkeys/${name}`)
      await call('GET', '/deletedkeys')
      await call('POST', `/deletedkeys/${name}/recover`)
    }
    const rows = await db.keyVersion.findMany()
    expect(rows.length).toBeGreaterThan(5)
    const everything = answers.join('\n')
    for (const row of rows) {
      const pkcs8 = custody.open('key-material', `${row.keyId}/${row.version}`, row.sealedPrivate)
      const jwk = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
      for (const part of ['d', 'p', 'q', 'dp', 'dq', 'qi'] as const) {
        const secret = jwk[part]
        if (!secret) continue
        const bytes = Buffer.from(secret, 'base64url')
        for (const text of [secret, bytes.toString('base64'), bytes.toString('hex')])
          expect(everything.includes(text), `${part} of ${row.version}`).toBe(false)
      }
      expect(everything.includes(Buffer.from(row.sealedPrivate).toString('base64url'))).toBe(false)
    }
    expect(everything).not.toMatch(/"(d|p|q|dp|dq|qi|k)":"/)
  })
})
