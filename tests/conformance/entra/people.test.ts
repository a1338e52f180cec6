import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as httpsRequest } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeviceCodeCredential, type DeviceCodeInfo, ManagedIdentityCredential } from '@azure/identity'
import { KeyClient } from '@azure/keyvault-keys'
import { createRemoteJWKSet, customFetch, decodeJwt, jwtVerify } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import { AGENDA_KINDS, type AgendaKind } from '@/server/clock/model'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createManagedIdentity, createResourceGroup, createUser } from '@/server/identity/service'
import { realNowMs } from '@/server/kernel/time'
import { createVault } from '@/server/keyvault/service'
import { caFile } from '@/server/surfaces/certificates'
import { identityHeader } from '@/server/surfaces/entra/imds'
import { startSurfaces } from '@/server/surfaces/host'
import { LOCATION, localAgent, through, vaultInput } from '../../support/key-stores'
import { custody, SUBSCRIPTION_ID, TENANT_ID, testTenant } from '../../support/tenant'

/** People sign in on devices, and platforms for their identities: by the credentials that applications really use. */
const { db, service } = await testTenant()
const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-people-'))
const agendaTitles = Object.fromEntries(AGENDA_KINDS.map((kind) => [kind, kind])) as Record<AgendaKind, string>
const host = await startSurfaces({ env: { db, custody, httpsPort: 0 }, port: 0, dataDir, agendaTitles })
const agent = localAgent(readFileSync(caFile(dataDir), 'utf8'))
afterAll(async () => {
  agent.destroy()
  await host.close()
  rmSync(dataDir, { recursive: true })
})
const LOGIN = `https://login.localhost:${host.port}`
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })
const dana = await createUser(service, { displayName: 'Dana', upn: 'dana@contoso.example', jobTitle: 'Developer' })
const vault = await createVault(service, vaultInput('people-kv'))
await assignRole(service, {
  scope: vault.id,
  roleDefinitionId: ROLE_IDS.keyVaultCryptoOfficer,
  principalId: dana.objectId,
})

type Answer = { status: number; text: string; headers: Record<string, unknown> }
const send = (method: string, path: string, fields?: Record<string, string>, headers: Record<string, string> = {}) =>
  new Promise<Answer>((resolve, reject) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const sent = httpsRequest(
      `${LOGIN}${path}`,
      { agent, method, headers: { ...type, ...headers } },
      async (response) => {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve({ status: response.statusCode!, text, headers: response.headers })
      },
    )
    sent.on('error', reject)
    sent.end(fields && new URLSearchParams(fields).toString())
  })
const CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46'
const SCOPE = 'https://vault.azure.net/.default openid profile offline_access'
const begin = async () =>
  JSON.parse((await send('POST', `/${TENANT_ID}/oauth2/v2.0/devicecode`, { client_id: CLI, scope: SCOPE })).text)
const poll = async (device_code: string, more: Record<string, string> = {}) => {
  const grant_type = 'urn:ietf:params:oauth:grant-type:device_code'
  const form = { grant_type, client_id: CLI, device_code, scope: SCOPE, ...more }
  return JSON.parse((await send('POST', `/${TENANT_ID}/oauth2/v2.0/token`, form)).text)
}
const decide = (code: string, decision: 'accept' | 'decline') =>
  send('POST', '/device', { code, person: dana.objectId, decision }, { origin: LOGIN, 'sec-fetch-site': 'same-origin' })

const credential = (asked: (info: DeviceCodeInfo) => void, tenantId?: string) =>
  new DeviceCodeCredential({
    ...through(agent),
    ...{ authorityHost: LOGIN, disableInstanceDiscovery: true, tenantId, userPromptCallback: asked },
  })

describe('the unmodified DeviceCodeCredential', () => {
  it.each([TENANT_ID, undefined])(
    'signs a person in who types its code, in tenant %s, and acts with her rights',
    async (tenantId) => {
      let message = ''
      const signedIn = credential((info) => {
        message = info.message
        void decide(info.userCode, 'accept')
      }, tenantId)
      const keys = new KeyClient(`https://people-kv.vault.localhost:${host.port}`, signedIn, through(agent))
      const key = await keys.createKey(`by-dana-${tenantId ? 1 : 2}`, 'EC')
      expect(key.keyType).toBe('EC')
      expect(message).toContain(`${LOGIN}/device`)
      const [record] = await db.auditEvent.findMany({ where: { operationName: 'KeyCreate' }, orderBy: { seq: 'desc' } })
      expect(record!.identity).toMatchObject({ claim: { oid: dana.objectId, upn: 'dana@contoso.example' } })
      const { token } = await signedIn.getToken('https://vault.azure.net/.default')
      expect(decodeJwt(token)).toMatchObject({ idtyp: 'user', appid: CLI, appidacr: '0', scp: 'user_impersonation' })
    },
  )

  it('gets further tokens by its refresh token, without asking the person again', async () => {
    let asked = 0
    const signedIn = credential((info) => {
      asked++
      void decide(info.userCode, 'accept')
    }, TENANT_ID)
    await signedIn.getToken('https://vault.azure.net/.default')
    const { token } = await signedIn.getToken('https://management.azure.com/.default')
    expect(decodeJwt(token)).toMatchObject({ aud: 'https://management.azure.com', oid: dana.objectId })
    expect(asked).toBe(1)
  })

  it('fails when the person declines', async () => {
    const work = credential((info) => void decide(info.userCode, 'decline'), TENANT_ID).getToken(
      'https://vault.azure.net/.default',
    )
    await expect(work).rejects.toThrow(/declined/i)
  })
})

describe('a device’s sign-in', () => {
  it('is pending until it is decided, is told once, and to its own application alone', async () => {
    const { device_code, user_code } = await begin()
    expect(await poll(device_code)).toMatchObject({ error: 'authorization_pending', error_codes: [70016] })
    expect((await decide(user_code.toLowerCase().replace(/(....)/, '$1-'), 'accept')).text).toContain(
      'You are signed in',
    )
    expect(await poll(device_code, { client_id: '1950a258-227b-4e31-a9cf-717495945fc2' })).toMatchObject({
      error: 'bad_verification_code',
    })
    expect(await poll(device_code, { scope: 'https://nowhere.example/.default' })).toMatchObject({
      error_codes: [500011],
    })
    const granted = await poll(device_code)
    expect(decodeJwt(granted.id_token)).toMatchObject({ aud: CLI, oid: dana.objectId, preferred_username: dana.upn })
    expect(await poll(device_code)).toMatchObject({ error: 'bad_verification_code' })
    const again = { grant_type: 'refresh_token', client_id: CLI, refresh_token: granted.refresh_token, scope: SCOPE }
    const refreshed = await send('POST', `/${TENANT_ID}/oauth2/v2.0/token`, again)
    expect(JSON.parse(refreshed.text).access_token).toBeDefined()
    const stolen = await send('POST', `/${TENANT_ID}/oauth2/v2.0/token`, {
      ...again,
      client_id: '1950a258-227b-4e31-a9cf-717495945fc2',
    })
    expect(JSON.parse(stolen.text)).toMatchObject({ error: 'invalid_grant' })
  })

  it('ends by its time, and lies in the database without the device’s own code', async () => {
    const { device_code, user_code } = await begin()
    const row = await db.deviceSignIn.findUniqueOrThrow({ where: { userCode: user_code } })
    expect(Object.values(row).map(String).join()).not.toContain(device_code)
    await db.deviceSignIn.update({ where: { id: row.id }, data: { expiresMs: BigInt(realNowMs()) } })
    expect(await poll(device_code)).toMatchObject({ error: 'expired_token' })
    expect((await decide(user_code, 'accept')).status).toBe(400)
  })

  it('is decided by nobody through another site’s page, nor inside a frame', async () => {
    const { device_code, user_code } = await begin()
    const forged = { code: user_code, person: dana.objectId, decision: 'accept' }
    expect((await send('POST', '/device', forged, { origin: 'https://evil.example' })).status).toBe(400)
    expect((await send('POST', '/device', forged, { 'sec-fetch-site': 'cross-site' })).status).toBe(400)
    expect(await poll(device_code)).toMatchObject({ error: 'authorization_pending' })
    const shown = await send('GET', `/device?code=${encodeURIComponent('"><script>x</script>')}`)
    expect(shown.text).not.toContain('<script>')
    expect(shown.headers['content-security-policy']).toContain("frame-ancestors 'none'")
    const who = await send('POST', '/device', { code: user_code }, { origin: LOGIN })
    expect(who.text).toContain('Dana')
    expect(who.text).toContain('Azure CLI and Azure SDKs')
  })

  it('is no way in for what is no application, and a person has no password', async () => {
    const unknown = { client_id: SUBSCRIPTION_ID, scope: SCOPE }
    expect(JSON.parse((await send('POST', `/${TENANT_ID}/oauth2/v2.0/devicecode`, unknown)).text)).toMatchObject({
      error_codes: [700016],
    })
    const password = {
      grant_type: 'password',
      client_id: CLI,
      username: 'dana@contoso.example',
      password: 'x',
      scope: SCOPE,
    }
    const refused = JSON.parse((await send('POST', `/${TENANT_ID}/oauth2/v2.0/token`, password)).text)
    expect(refused.error_description).toContain('people by a device code')
  })
})

describe('a person’s tokens', () => {
  it('verify by the keys that discovery leads to', async () => {
    const { device_code, user_code } = await begin()
    await decide(user_code, 'accept')
    const { access_token } = await poll(device_code)
    const found = JSON.parse((await send('GET', `/${TENANT_ID}/v2.0/.well-known/openid-configuration`)).text)
    const keys = JSON.parse((await send('GET', new URL(found.jwks_uri).pathname)).text)
    const jwks = createRemoteJWKSet(new URL(found.jwks_uri), { [customFetch]: async () => Response.json(keys) })
    const { payload } = await jwtVerify(access_token, jwks, {
      audience: 'https://vault.azure.net',
      currentDate: service.now,
    })
    expect(payload.oid).toBe(dana.objectId)
  })
})

describe('the unmodified ManagedIdentityCredential in App Service', () => {
  it('gets a token for an identity, and none without the header of the installation', async () => {
    const place = { subscriptionId: SUBSCRIPTION_ID, resourceGroup: 'rg', name: 'id-app', location: LOCATION }
    const identity = await createManagedIdentity(service, place)
    const endpoint = `http://localhost:${host.port}/msi/token`
    process.env.IDENTITY_ENDPOINT = endpoint
    process.env.IDENTITY_HEADER = identityHeader({ custody })
    try {
      for (const by of [
        { clientId: identity.clientId },
        { resourceId: identity.id },
        { objectId: identity.principalId },
      ]) {
        const { token } = await new ManagedIdentityCredential(by).getToken('https://vault.azure.net/.default')
        expect(decodeJwt(token)).toMatchObject({ oid: identity.principalId, xms_mirid: identity.id })
      }
    } finally {
      delete process.env.IDENTITY_ENDPOINT
      delete process.env.IDENTITY_HEADER
    }
    const asked = `${endpoint}?api-version=2019-08-01&resource=https://vault.azure.net&client_id=${identity.clientId}`
    for (const header of [undefined, 'wrong', '0'.repeat(64)])
      expect((await fetch(asked, { headers: header ? { 'x-identity-header': header } : {} })).status).toBe(401)
  })
})
