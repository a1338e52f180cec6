import { generateKeyPairSync } from 'node:crypto'
import { request as httpsRequest } from 'node:https'
import { RestError } from '@azure/core-rest-pipeline'
import { describe, expect, it } from 'vitest'
import { createResourceGroup } from '@/server/identity/service'
import { HSM_ROLES } from '@/server/managed-hsm/model'
import { createManagedHsm } from '@/server/managed-hsm/service'
import { hsmInput, LOCATION, startSurfaces } from '../../support/key-stores'
import { SUBSCRIPTION_ID, testTenant } from '../../support/tenant'

const tenant = await testTenant()
const { service } = tenant
const surfaces = await startSurfaces(tenant)
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })
const admin = await surfaces.signUp('hsm admin')
const stranger = await surfaces.signUp('stranger')
await createManagedHsm(service, hsmInput('conf-hsm', [admin.principal.objectId]))
const origin = surfaces.origin('managedhsm', 'conf-hsm')
const client = admin.keys('managedhsm', 'conf-hsm')

/** A bare request, for what the key client has no call for. */
async function call(method: string, path: string, body?: object, bearer = true) {
  const scope = `https://managedhsm.localhost:${surfaces.port}/.default`
  const { token } = await admin.credential.getToken(scope)
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const sent = httpsRequest(
      `${origin}${path}?api-version=7.4`,
      {
        agent: surfaces.agent,
        method,
        headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${token}` }) },
      },
      async (response) => {
        let text = ''
        for await (const chunk of response) text += chunk
        resolve({ status: response.statusCode!, headers: response.headers, body: text })
      },
    )
    sent.on('error', reject)
    sent.end(body && JSON.stringify(body))
  })
}
const role = (name: string) => HSM_ROLES.find((r) => r.name === `Managed HSM ${name}`)!.id
const give = (id: string, scope: string, principalId: string, roleId: string) =>
  call('PUT', `${scope}/providers/Microsoft.Authorization/roleAssignments/${id}`, {
    properties: {
      principalId,
      roleDefinitionId: `Microsoft.KeyVault/providers/Microsoft.Authorization/roleDefinitions/${roleId}`,
    },
  })
const failure = (work: Promise<unknown>) =>
  work.then(
    () => ({ statusCode: 0, code: 'no error', message: '' }),
    (error) => {
      if (!(error instanceof RestError)) throw error
      return { statusCode: error.statusCode, code: error.code, message: error.message }
    },
  )
const ACTIVITY = /\(Activity ID: [0-9a-f-]{36}\)$/

describe('an HSM over HTTPS', () => {
  it('challenges with an empty body and its own resource', async () => {
    const answer = await call('GET', '/keys', undefined, false)
    expect([answer.status, answer.body]).toEqual([401, ''])
    expect(answer.headers['www-authenticate']).toContain(`resource="https://managedhsm.localhost:${surfaces.port}"`)
  })

  it('is activated by downloading its security domain, and opens then', async () => {
    const refused = await failure(client.createRsaKey('early'))
    expect(refused).toMatchObject({ statusCode: 403, code: 'Forbidden' })
    expect(refused.message).toMatch(ACTIVITY)
    expect(await call('GET', '/securitydomain/download/pending')).toMatchObject({ status: 200 })
    const certificates = Array.from({ length: 3 }, () => {
      const { n, e } = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
      return { kty: 'RSA', alg: 'RSA-OAEP-256', key_ops: ['encrypt'], n, e }
    })
    const tooFew = await call('POST', '/securitydomain/download', { certificates: certificates.slice(1), required: 2 })
    expect(tooFew.status).toBe(400)
    const domain = await call('POST', '/securitydomain/download', { certificates, required: 2 })
    expect(domain.status).toBe(202)
    expect(JSON.parse(JSON.parse(domain.body).value).SharedKeys.enc_shares).toHaveLength(3)
    expect(JSON.parse((await call('GET', '/securitydomain/download/pending')).body)).toMatchObject({
      status: 'Success',
    })
    expect((await call('GET', '/securitydomain/upload')).status).toBe(409)
  })

  it('gives local roles', async () => {
    const id = '50000000-0000-4000-8000-000000000001'
    expect((await give(id, '/keys', admin.principal.objectId, role('Crypto User'))).status).toBe(201)
    expect((await give(id.replace(/1$/, '2'), '/', admin.principal.objectId, role('Crypto Officer'))).status).toBe(201)
    const list = await call('GET', '/providers/Microsoft.Authorization/roleAssignments')
    expect(JSON.parse(list.body).value.map((a: { name: string }) => a.name)).toContain(id)
    const definitions = await call('GET', '//providers/Microsoft.Authorization/roleDefinitions')
    expect(JSON.parse(definitions.body).value).toHaveLength(9)
  })
})

describe('the unmodified key client on an HSM', () => {
  it('makes hardware keys, wraps, unwraps, rotates, deletes and recovers them', async () => {
    const key = await client.createRsaKey('k', { keySize: 2048 })
    expect(key).toMatchObject({ keyType: 'RSA-HSM', id: `${origin}/keys/k/${key.properties.version}` })
    const crypto = admin.crypto(key.id!)
    const { result } = await crypto.wrapKey('RSA-OAEP-256', Buffer.from('secret'))
    expect(Buffer.from((await crypto.unwrapKey('RSA-OAEP-256', result)).result).toString()).toBe('secret')
    expect(await failure(client.rotateKey('k'))).toMatchObject({ statusCode: 400, code: 'BadParameter' })
    const rotate = { lifetimeActions: [{ action: 'Rotate' as const, timeAfterCreate: 'P28D' }] }
    await client.updateKeyRotationPolicy('k', rotate)
    expect((await client.rotateKey('k')).properties.version).not.toBe(key.properties.version)
    expect(Buffer.from((await crypto.unwrapKey('RSA-OAEP-256', result)).result).toString()).toBe('secret')
    await (await client.beginDeleteKey('k', { intervalInMs: 1 })).pollUntilDone()
    await (await client.beginRecoverDeletedKey('k', { intervalInMs: 1 })).pollUntilDone()
    const versions: unknown[] = []
    for await (const v of client.listPropertiesOfKeyVersions('k')) versions.push(v.version)
    expect(versions).toHaveLength(2)
  })

  it('makes symmetric keys, which seal and wrap in the pool and never leave it', async () => {
    const key = await client.createOctKey('o', { keySize: 256, hsm: true })
    expect(key).toMatchObject({ keyType: 'oct-HSM', keyOperations: ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'] })
    expect(key.key?.k).toBeUndefined()
    const crypto = admin.crypto(key.id!)
    const secret = Buffer.from('thirty-two bytes of secret value')
    const { result } = await crypto.wrapKey('A256KW', secret)
    expect(Buffer.from((await crypto.unwrapKey('A256KW', result)).result)).toEqual(secret)
    const additionalAuthenticatedData = Buffer.from('with')
    const sealed = await crypto.encrypt({ algorithm: 'A256GCM', plaintext: secret, additionalAuthenticatedData })
    const open = { ciphertext: sealed.result, iv: sealed.iv!, authenticationTag: sealed.authenticationTag! }
    const opened = await crypto.decrypt({ algorithm: 'A256GCM', ...open, additionalAuthenticatedData })
    expect(Buffer.from(opened.result)).toEqual(secret)
    expect(await failure(crypto.decrypt({ algorithm: 'A256GCM', ...open }))).toMatchObject({
      ...{ statusCode: 400, code: 'BadParameter' },
    })
    expect(await failure(crypto.wrapKey('A128KW', secret))).toMatchObject({ statusCode: 400, code: 'BadParameter' })
  })

  it('refuses with an activity id at the end of each message', async () => {
    const missing = await failure(client.getKey('missing'))
    expect(missing).toMatchObject({ statusCode: 404, code: 'KeyNotFound' })
    expect(missing.message).toMatch(ACTIVITY)
    const refused = await failure(stranger.keys('managedhsm', 'conf-hsm').getKey('k'))
    expect(refused).toMatchObject({ statusCode: 403, code: 'Forbidden' })
    expect(refused.message).toContain(`oid ${stranger.principal.objectId} does not have permission`)
    expect(refused.message).toContain('Microsoft.KeyVault/managedHsm/keys/read/action on resource /keys/k')
  })

  it('gives random bytes, 1 to 128 of them', async () => {
    // Randomness belongs to the whole pool: a role on its keys does not cover it.
    expect(await failure(client.getRandomBytes(1))).toMatchObject({ statusCode: 403 })
    await give('50000000-0000-4000-8000-000000000003', '/', admin.principal.objectId, role('Crypto User'))
    expect(await client.getRandomBytes(128)).toHaveLength(128)
    const refused = await failure(client.getRandomBytes(129))
    expect(refused.message).toContain('count cannot be greater than 128 or less than 1')
  })
})
