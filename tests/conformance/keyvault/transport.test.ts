import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as tlsConnect } from 'node:tls'
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys'
import { afterAll, describe, expect, it } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import {
  assignRole,
  createManagedIdentity,
  createResourceGroup,
  issueToken,
  managedIdentityPrincipal,
} from '@/server/identity/service'
import type { Caller } from '@/server/kernel/context'
import { createVault, vaultKeys } from '@/server/keyvault/service'
import { caFile, isNearExpiry, issueServerCertificate } from '@/server/surfaces/certificates'
import { createHttpsServer } from '@/server/surfaces/https-server'
import { createInProcessHttpClient } from '@/server/surfaces/in-process'
import { LOCATION, vaultInput } from '../../support/key-stores'
import { custody, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../../support/tenant'

const { db, service } = await testTenant()
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })
const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-https-'))
afterAll(() => rmSync(dataDir, { recursive: true }))

const walled = { ...vaultInput('in-process'), publicNetworkAccess: false }
const vault = await createVault(service, walled)
const made = await createManagedIdentity(service, {
  ...{ subscriptionId: SUBSCRIPTION_ID, resourceGroup: 'rg', name: 'id-server', location: LOCATION, tags: {} },
})
const principal = (await managedIdentityPrincipal(service, made.id))!
await assignRole(service, {
  scope: vault.id,
  roleDefinitionId: ROLE_IDS.keyVaultCryptoServiceEncryptionUser,
  principalId: principal.objectId,
})
await vaultKeys({ ...service, caller: { address: '127.0.0.1', trustedService: 'seed' } }, vault.id).create({
  name: 'k',
  kty: 'RSA',
})
const credential = {
  async getToken(scopes: string | string[]) {
    const audience = String(scopes).replace('/.default', '')
    const request = { tenantId: TENANT_ID, principal, audience, now: service.now, lifetimeSeconds: 3600 }
    return { token: await issueToken({ db, custody }, request), expiresOnTimestamp: Number.MAX_SAFE_INTEGER }
  },
}
const options = (caller: Caller) => ({
  httpClient: createInProcessHttpClient({ db, custody, httpsPort: 8443, caller }),
  retryOptions: { maxRetries: 0 },
})
const trusted = options({ address: '127.0.0.1', trustedService: 'PostgreSQL' })
const url = 'https://in-process.vault.localhost'

describe('the in-process transport', () => {
  it('carries the whole SDK pipeline, challenge included, and the caller it was made for', async () => {
    const key = await new KeyClient(url, credential, trusted).getKey('k')
    const crypto = new CryptographyClient(key.id!, credential, trusted)
    const { result } = await crypto.wrapKey('RSA-OAEP-256', Buffer.from('secret'))
    expect(Buffer.from((await crypto.unwrapKey('RSA-OAEP-256', result)).result).toString()).toBe('secret')
    const [record] = await db.auditEvent.findMany({ where: { operationName: 'KeyUnwrap' } })
    expect(record).toMatchObject({
      properties: { trustedService: 'PostgreSQL' },
      identity: { claim: { xms_mirid: made.id } },
    })
  })

  it('lets nobody by the firewall whom it was not made for', async () => {
    const client = new KeyClient(url, credential, options({ address: '127.0.0.1' }))
    await expect(client.getKey('k')).rejects.toMatchObject({ statusCode: 403, code: 'Forbidden' })
  })

  it('reaches our stores alone: any other name fails like one that does not resolve', async () => {
    const client = new KeyClient('https://kv1.vault.azure.net', credential, trusted)
    await expect(client.getKey('k')).rejects.toMatchObject({ code: 'ENOTFOUND' })
    const missing = new KeyClient('https://missing.vault.localhost', credential, trusted)
    await expect(missing.getKey('k')).rejects.toMatchObject({ statusCode: 404, code: 'VaultNotFound' })
  })
})

const host = await createHttpsServer({
  env: { db, custody, httpsPort: 0 },
  port: 0,
  dataDir,
  routes: [
    {
      host: '*.vault.localhost',
      async handle(request, env) {
        if (request.url.endsWith('/broken')) throw new Error('a secret detail')
        return Response.json({
          url: request.url,
          length: (await request.text()).length,
          address: env.caller.address,
          port: env.httpsPort,
        })
      },
    },
    { host: 'localhost', path: '/metadata', plainHttp: true, handle: async () => Response.json({ plain: true }) },
  ],
})
afterAll(() => host.close())
const ca = readFileSync(caFile(dataDir), 'utf8')
const agent = (address: string) =>
  new Agent({
    ca,
    lookup: (_h, options, done) =>
      options.all ? done(null, [{ address, family: address === '::1' ? 6 : 4 }]) : done(null, address, 4),
  })

const ask = (url: string, init: { method?: string; body?: string; address?: string } = {}) =>
  new Promise<{ status: number; json: Record<string, never> }>((resolve, reject) => {
    const { method = 'GET', body, address = '127.0.0.1' } = init
    const request = httpsRequest(url, { method, agent: agent(address) }, async (response) => {
      let text = ''
      for await (const chunk of response) text += chunk
      resolve({ status: response.statusCode!, json: JSON.parse(text) })
    })
    request.on('error', reject)
    request.end(body)
  })
describe('the HTTPS host', () => {
  const base = `https://kv1.vault.localhost:${host.port}`

  it.each(['127.0.0.1', '::1'])('answers at %s with a certificate that our authority vouches for', async (address) => {
    const { status, json } = await ask(`${base}//keys/x`, { method: 'POST', body: 'abc', address })
    expect(status).toBe(200)
    expect(json).toEqual({ url: `${base}//keys/x`, length: 3, address, port: host.port })
  })

  it('has a name for every host of the cloud', async () => {
    const names = [
      'localhost',
      'login.localhost',
      'a.vault.localhost',
      'a.managedhsm.localhost',
      'a.postgres.localhost',
    ]
    for (const servername of names) {
      const socket = tlsConnect({ port: host.port, host: '127.0.0.1', ca, servername })
      await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject))
      expect(socket.authorized).toBe(true)
      socket.destroy()
    }
  })

  it('says so in JSON when nothing is at a name, when a body is too long, and when it fails', async () => {
    expect((await ask(`https://nothing.postgres.localhost:${host.port}/x`)).status).toBe(421)
    expect((await ask(`https://localhost:${host.port}/other`)).status).toBe(421)
    const long = await ask(base, { method: 'POST', body: 'x'.repeat(4 * 1024 * 1024 + 1) })
    expect(long.status).toBe(413)
    const broken = await ask(`${base}/broken`)
    expect(broken).toEqual({
      status: 500,
      json: { error: { code: 'InternalServerError', message: 'An internal error occurred.' } },
    })
  })

  /** Sends text over plain TCP and gives what comes back first. */
  const say = (text: string) =>
    new Promise<{ answer: string; socket: ReturnType<typeof connect> }>((resolve, reject) => {
      const socket = connect(host.port, '127.0.0.1', () => socket.write(text))
      socket.once('data', (data) => resolve({ answer: String(data), socket })).once('error', reject)
    })

  it('answers without TLS only where that was allowed', async () => {
    const allowed = await say('GET /metadata/x HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    expect(allowed.answer).toMatch(/^HTTP\/1.1 200[\s\S]+"plain":true/)
    const refused = await say(`GET /keys HTTP/1.1\r\nhost: kv1.vault.localhost\r\nconnection: close\r\n\r\n`)
    expect(refused.answer).toMatch(/^HTTP\/1.1 400[\s\S]+HttpsRequired/)
  })

  it('is a proxy to its own names, and to no other', async () => {
    const foreign = await say('CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n')
    expect(foreign.answer).toMatch(/^HTTP\/1.1 403/)
    const own = await say(`CONNECT kv1.vault.localhost:${host.port} HTTP/1.1\r\nhost: x\r\n\r\n`)
    expect(own.answer).toMatch(/^HTTP\/1.1 200/)
    const tls = tlsConnect({ socket: own.socket, ca, servername: 'kv1.vault.localhost' })
    tls.write('GET /keys HTTP/1.1\r\nhost: kv1.vault.localhost\r\nconnection: close\r\n\r\n')
    let text = ''
    for await (const chunk of tls) text += chunk
    expect(text).toContain('"url":"https://kv1.vault.localhost/keys"')
  })
})

describe('the certificate authority', () => {
  it('is one for all who start on the same folder at once, and its key is readable by its owner alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-ca-'))
    const issued = await Promise.all(Array.from({ length: 5 }, () => issueServerCertificate(folder)))
    const published = readFileSync(caFile(folder), 'utf8').trim()
    for (const { cert } of issued) expect(cert).toContain(published)
    expect(statSync(join(folder, 'ca.key')).mode & 0o777).toBe(0o600)
    expect(isNearExpiry(issued[0]!.cert)).toBe(false)
    rmSync(caFile(folder))
    await issueServerCertificate(folder)
    expect(readFileSync(caFile(folder), 'utf8').trim()).toBe(published)
    writeFileSync(caFile(folder), 'something else')
    await issueServerCertificate(folder)
    expect(readFileSync(caFile(folder), 'utf8').trim()).toBe(published)
    rmSync(folder, { recursive: true })
  })
})
