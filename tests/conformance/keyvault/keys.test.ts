import { createHash, generateKeyPairSync } from 'node:crypto'
import { RestError } from '@azure/core-rest-pipeline'
import type { KeyClient } from '@azure/keyvault-keys'
import { describe, expect, it } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createResourceGroup } from '@/server/identity/service'
import { createVault, setAccessPolicy } from '@/server/keyvault/service'
import { LOCATION, startSurfaces, vaultInput } from '../../support/key-stores'
import { later, START, SUBSCRIPTION_ID, testTenant } from '../../support/tenant'

const tenant = await testTenant()
const { service, db } = tenant
const surfaces = await startSurfaces(tenant)
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })

const officer = await surfaces.signUp('officer')
const stranger = await surfaces.signUp('stranger')
const rbacVault = await createVault(service, vaultInput('conf-rbac', { sku: 'premium' }))
await assignRole(service, {
  scope: rbacVault.id,
  roleDefinitionId: ROLE_IDS.keyVaultCryptoOfficer,
  principalId: officer.principal.objectId,
})
const policyVault = await createVault(service, vaultInput('conf-policy', { rbac: false }))
await setAccessPolicy(service, policyVault.id, { objectId: officer.principal.objectId, keys: ['all', 'purge'] })

const failure = (work: Promise<unknown>) =>
  work.then(
    () => ({ statusCode: 0, code: 'no error', message: '', inner: undefined }),
    (error) => {
      if (!(error instanceof RestError)) throw error
      const details = error.details as { error?: { innererror?: { code: string }; innerError?: { code: string } } }
      const inner = details?.error?.innererror ?? details?.error?.innerError
      return { statusCode: error.statusCode, code: error.code, message: error.message, inner: inner?.code }
    },
  )
const seconds = (n: number) => later(service, n).now

describe.each(['conf-rbac', 'conf-policy'])('the unmodified key client on %s', (vault) => {
  const client: KeyClient = officer.keys('vault', vault)

  it('creates keys and gets them back by name and by version', async () => {
    const made = await client.createRsaKey('made', { keySize: 3072, tags: { a: 'b' }, expiresOn: seconds(86_400) })
    expect(made.id).toBe(`${surfaces.origin('vault', vault)}/keys/made/${made.properties.version}`)
    expect(made.key?.n).toHaveLength(384)
    const got = await client.getKey('MADE', { version: made.properties.version })
    expect(got).toMatchObject({ id: made.id, keyType: 'RSA', keyOperations: made.keyOperations })
    expect(got.properties).toMatchObject({
      enabled: true,
      tags: { a: 'b' },
      createdOn: START,
      expiresOn: seconds(86_400),
      recoveryLevel: 'CustomizedRecoverable+Purgeable',
      recoverableDays: 7,
    })
    expect((await client.getKey('made')).id).toBe(made.id)
  })

  it('creates EC keys', async () => {
    const made = await client.createEcKey('curved', { curve: 'P-384' })
    expect(made.key).toMatchObject({ kty: 'EC', crv: 'P-384' })
    expect(made.keyOperations).toEqual(['sign', 'verify'])
  })

  it('lists keys and versions page by page', async () => {
    for (let i = 0; i < 3; i++) await client.createEcKey(`page-${i}`)
    await client.createEcKey('page-0')
    const names: string[] = []
    let pages = 0
    for await (const page of client.listPropertiesOfKeys().byPage({ maxPageSize: 2 })) {
      pages++
      expect(page.length).toBeLessThanOrEqual(2)
      for (const key of page) names.push(key.name)
    }
    expect(pages).toBeGreaterThan(1)
    expect(names).toEqual([...new Set(names)].sort())
    expect(names).toEqual(expect.arrayContaining(['page-0', 'page-1', 'page-2']))
    const versions: (string | undefined)[] = []
    for await (const page of client.listPropertiesOfKeyVersions('page-0').byPage({ maxPageSize: 1 }))
      versions.push(...page.map((v) => v.version))
    expect(new Set(versions).size).toBe(2)
  })

  it('updates attributes', async () => {
    const made = await client.createEcKey('updated')
    const after = await client.updateKeyProperties('updated', made.properties.version!, {
      enabled: false,
      notBefore: seconds(60),
      tags: { x: 'y' },
    })
    expect(after.properties).toMatchObject({ enabled: false, notBefore: seconds(60), tags: { x: 'y' } })
    expect((await client.getKey('updated')).properties.enabled).toBe(false)
  })

  it.each(['RSA-OAEP-256', 'RSA-OAEP', 'RSA1_5'] as const)('wraps and unwraps with %s', async (algorithm) => {
    const key = await client.createRsaKey(`wrap-${algorithm.replace('_', '-')}`)
    const crypto = officer.crypto(key.id!)
    const secret = Buffer.from('thirty-two bytes of secret value')
    const wrapped = await crypto.wrapKey(algorithm, secret)
    expect(wrapped.result).toHaveLength(256)
    const back = await crypto.unwrapKey(algorithm, wrapped.result)
    expect(Buffer.from(back.result)).toEqual(secret)
    expect(back.keyID).toBe(key.id)
  })

  it.each(['RS256', 'PS384'] as const)('signs and verifies with %s', async (algorithm) => {
    const crypto = officer.crypto((await client.createRsaKey(`sign-${algorithm}`)).id!)
    const data = Buffer.from('what is signed')
    const { result } = await crypto.signData(algorithm, data)
    // The SDK's own mathematics with the public half; for PS* it checks for PKCS#1 v1.5 padding, and so cannot succeed.
    if (algorithm === 'RS256') expect((await crypto.verifyData(algorithm, data, result)).result).toBe(true)
    const digest = (text: Buffer) =>
      createHash(algorithm === 'RS256' ? 'sha256' : 'sha384')
        .update(text)
        .digest()
    expect((await crypto.verify(algorithm, digest(data), result)).result).toBe(true)
    expect((await crypto.verify(algorithm, digest(Buffer.from('else')), result)).result).toBe(false)
  })

  it('rotates, and a client without a version uses the new one', async () => {
    const first = await client.createRsaKey('turn')
    const crypto = officer.crypto(`${surfaces.origin('vault', vault)}/keys/turn`)
    const wrapped = await crypto.wrapKey('RSA-OAEP-256', Buffer.from('x'.repeat(32)))
    const second = await client.rotateKey('turn')
    expect(second.properties.version).not.toBe(first.properties.version)
    let kid = ''
    await crypto.wrapKey('RSA-OAEP-256', Buffer.from('y'.repeat(32)), {
      onResponse: (r) => {
        kid = JSON.parse(r.bodyAsText!).kid
      },
    })
    expect(kid).toBe(second.id)
    const back = await officer.crypto(first.id!).unwrapKey('RSA-OAEP-256', wrapped.result)
    expect(Buffer.from(back.result).toString()).toBe('x'.repeat(32))
  })

  it('keeps rotation policies', async () => {
    await client.createRsaKey('policy')
    expect((await client.getKeyRotationPolicy('policy')).lifetimeActions).toEqual([
      { action: 'Notify', timeBeforeExpiry: 'P30D', timeAfterCreate: undefined },
    ])
    const set = await client.updateKeyRotationPolicy('policy', {
      expiresIn: 'P90D',
      lifetimeActions: [{ action: 'Rotate', timeAfterCreate: 'P30D' }],
    })
    expect(set).toMatchObject({ expiresIn: 'P90D', createdOn: START, updatedOn: START })
    expect((await client.getKeyRotationPolicy('policy')).lifetimeActions).toMatchObject([
      { action: 'Rotate', timeAfterCreate: 'P30D' },
    ])
    const tooSoon = client.updateKeyRotationPolicy('policy', {
      lifetimeActions: [{ action: 'Rotate', timeAfterCreate: 'P1D' }],
    })
    expect(await failure(tooSoon)).toMatchObject({ statusCode: 400, code: 'BadParameter' })
  })

  it('deletes, lists the deleted, recovers and purges', async () => {
    const made = await client.createRsaKey('gone')
    const poller = await client.beginDeleteKey('gone', { intervalInMs: 1 })
    const deleted = await poller.pollUntilDone()
    expect(deleted.properties).toMatchObject({
      deletedOn: START,
      scheduledPurgeDate: seconds(7 * 86_400),
      recoveryId: `${surfaces.origin('vault', vault)}/deletedkeys/gone`,
    })
    expect(await failure(client.getKey('gone'))).toMatchObject({ statusCode: 404, code: 'KeyNotFound' })
    expect(await failure(client.createRsaKey('gone'))).toMatchObject({
      statusCode: 409,
      code: 'Conflict',
      inner: 'ObjectIsDeletedButRecoverable',
    })
    const names: string[] = []
    for await (const key of client.listDeletedKeys()) names.push(key.name)
    expect(names).toContain('gone')
    const recovery = await client.beginRecoverDeletedKey('gone', { intervalInMs: 1 })
    expect((await recovery.pollUntilDone()).id).toBe(made.id)
    await (await client.beginDeleteKey('gone', { intervalInMs: 1 })).pollUntilDone()
    await client.purgeDeletedKey('gone')
    expect(await failure(client.getDeletedKey('gone'))).toMatchObject({ statusCode: 404, code: 'KeyNotFound' })
  })

  it('imports a private key and works with it', async () => {
    const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
    const bytes = Object.fromEntries(
      Object.entries(jwk).map(([k, v]) => [k, k === 'kty' ? v : Buffer.from(String(v), 'base64url')]),
    )
    const key = await client.importKey('imported', bytes)
    const crypto = officer.crypto(key.id!)
    const { result } = await crypto.wrapKey('RSA-OAEP-256', Buffer.from('abc'))
    expect(Buffer.from((await crypto.unwrapKey('RSA-OAEP-256', result)).result).toString()).toBe('abc')
  })

  it('is told why it is refused', async () => {
    const key = await client.createRsaKey('strict')
    const { version } = key.properties
    const crypto = officer.crypto(key.id!)
    const wrap = () => crypto.wrapKey('RSA-OAEP-256', Buffer.from('abc'))
    const { result } = await wrap()
    await client.updateKeyProperties('strict', version!, { enabled: false })
    expect(await failure(wrap())).toMatchObject({ statusCode: 403, code: 'Forbidden', inner: 'KeyDisabled' })
    expect(await failure(crypto.unwrapKey('RSA-OAEP-256', result))).toMatchObject({ inner: 'KeyDisabled' })
    await client.updateKeyProperties('strict', version!, { enabled: true, expiresOn: seconds(-1) })
    expect(await failure(wrap())).toMatchObject({ statusCode: 403, inner: 'KeyExpired' })
    expect(Buffer.from((await crypto.unwrapKey('RSA-OAEP-256', result)).result).toString()).toBe('abc')
    await client.updateKeyProperties('strict', version!, { notBefore: seconds(60), expiresOn: seconds(120) })
    expect(await failure(wrap())).toMatchObject({ statusCode: 403, inner: 'KeyNotYetValid' })
    expect(Buffer.from((await crypto.unwrapKey('RSA-OAEP-256', result)).result).toString()).toBe('abc')
    expect(await failure(crypto.unwrapKey('RSA-OAEP-256', Buffer.alloc(255)))).toMatchObject({
      statusCode: 400,
      code: 'BadParameter',
    })
    expect(await failure(client.getKey('strict', { version: '0'.repeat(32) }))).toMatchObject({ code: 'KeyNotFound' })
  })
})

describe('a caller without rights', () => {
  it('is refused by role, also where the key does not exist, with the action it lacks', async () => {
    const client = stranger.keys('vault', 'conf-rbac')
    const refused = await failure(client.getKey('nothing-here'))
    expect(refused).toMatchObject({ statusCode: 403, code: 'Forbidden', inner: 'ForbiddenByRbac' })
    expect(refused.message).toContain("Action: 'Microsoft.KeyVault/vaults/keys/read'")
    expect(refused.message).toContain(`oid=${stranger.principal.objectId}`)
  })

  it('is refused by access policy, with the permission it lacks', async () => {
    const refused = await failure(stranger.keys('vault', 'conf-policy').createRsaKey('mine'))
    expect(refused).toMatchObject({ statusCode: 403, code: 'Forbidden', inner: 'ForbiddenByPolicy' })
    expect(refused.message).toContain('does not have keys create permission on key vault')
  })

  it('loses at the next call what is taken from it', async () => {
    const { principal, keys } = stranger
    const client = keys('vault', 'conf-policy')
    await setAccessPolicy(service, policyVault.id, { objectId: principal.objectId, keys: ['create', 'get'] })
    await client.createEcKey('short-lived')
    await setAccessPolicy(service, policyVault.id, { objectId: principal.objectId, keys: [] })
    expect(await failure(client.getKey('short-lived'))).toMatchObject({ inner: 'ForbiddenByPolicy' })
  })
})

describe('the premium tier', () => {
  it('has hardware keys, the standard tier has none', async () => {
    const made = await officer.keys('vault', 'conf-rbac').createRsaKey('hardware', { hsm: true })
    expect(made).toMatchObject({ keyType: 'RSA-HSM', properties: { hsmPlatform: '2' } })
    const refused = await failure(officer.keys('vault', 'conf-policy').createRsaKey('hardware', { hsm: true }))
    expect(refused).toMatchObject({ statusCode: 400, code: 'BadParameter' })
  })
})

describe('the audit log', () => {
  it('has a record of each request that reached the vault, refused ones too', async () => {
    const records = await db.auditEvent.findMany({ where: { storeId: rbacVault.id }, orderBy: { seq: 'asc' } })
    const refused = records.find((r) => r.operationName === 'KeyGet' && r.httpStatusCode === 403)
    expect(refused).toMatchObject({ resultType: 'Failure', resultSignature: 'Forbidden', callerIpAddress: '127.0.0.1' })
    const wrap = records.find((r) => r.operationName === 'KeyWrap' && r.httpStatusCode === 200)
    expect(wrap?.properties).toMatchObject({ algorithm: 'RSA-OAEP-256', keyProperties: { type: 'RSA', size: 2048 } })
    expect(wrap?.identity).toMatchObject({ claim: { oid: officer.principal.objectId } })
    expect(JSON.stringify(wrap?.properties)).toContain('azsdk-js-keyvault-keys')
    expect(records.some((r) => r.operationName === 'Authentication' && r.httpStatusCode === 401)).toBe(true)
  })
})
