import {
  constants,
  createCipheriv,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  verify as nodeVerify,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createResourceGroup, createSubscription, updateTenantSettings } from '@/server/identity/service'
import { createVault } from '@/server/keyvault/service'
import { startSurfaces, vaultInput } from '../../support/key-stores'
import { SUBSCRIPTION_ID, testTenant } from '../../support/tenant'

/** What the unmodified SDK does beyond the daily round: curves, backups, transfers, vaults of old. */
const tenant = await testTenant()
const { service } = tenant
const OTHER_SUBSCRIPTION = '20000000-0000-4000-8000-000000000002'
await createSubscription(service, { id: OTHER_SUBSCRIPTION, name: 'Other' })
for (const subscriptionId of [SUBSCRIPTION_ID, OTHER_SUBSCRIPTION])
  await createResourceGroup(service, { subscriptionId, name: 'rg', location: 'westeurope', tags: {} })
const clients = await startSurfaces(tenant)
const app = await clients.signUp('complete')

const VAULTS = {
  first: vaultInput('complete-first', { sku: 'premium' }),
  second: vaultInput('complete-second', { location: 'northeurope' }),
  far: vaultInput('complete-far', { location: 'eastus' }),
  foreign: vaultInput('complete-foreign', { subscriptionId: OTHER_SUBSCRIPTION }),
  old: vaultInput('complete-old', { softDelete: false }),
}
beforeAll(async () => {
  for (const input of Object.values(VAULTS)) {
    const { id } = await createVault(service, input)
    await assignRole(service, {
      scope: id,
      roleDefinitionId: ROLE_IDS.keyVaultCryptoOfficer,
      principalId: app.principal.objectId,
    })
  }
})
const keysOf = (name: string) => app.keys('vault', name)
const failure = (work: Promise<unknown>) =>
  work.then(
    () => ({ statusCode: 200, code: 'no error', message: '' }),
    (error: { statusCode?: number; code?: string; message: string }) => error,
  )
const innerCode = (error: unknown) =>
  (error as { details?: { error?: { innerError?: { code?: string } } } }).details?.error?.innerError?.code

describe('elliptic curves', () => {
  it.each([
    ['P-256', 'ES256', 'sha256'],
    ['P-384', 'ES384', 'sha384'],
    ['P-521', 'ES512', 'sha512'],
    ['P-256K', 'ES256K', 'sha256'],
  ] as const)('a key on %s signs with %s what others verify', async (curve, alg, hash) => {
    const key = await keysOf('complete-first').createEcKey(`ec-${curve}`, { curve })
    const data = randomBytes(100)
    const crypto = app.crypto(key.id!)
    const { result } = await crypto.sign(alg, createHash(hash).update(data).digest())
    const { x, y } = key.key!
    const jwk = {
      kty: 'EC',
      crv: curve === 'P-256K' ? 'secp256k1' : curve,
      x: Buffer.from(x!).toString('base64url'),
      y: Buffer.from(y!).toString('base64url'),
    }
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
    expect(nodeVerify(hash, data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, result)).toBe(true)
    expect((await crypto.verify(alg, createHash(hash).update(data).digest(), result)).result).toBe(true)
    expect((await crypto.verify(alg, createHash(hash).update('else').digest(), result)).result).toBe(false)
    expect(await failure(crypto.sign(alg, randomBytes(20)))).toMatchObject({ statusCode: 400, code: 'BadParameter' })
  })
})

describe('a backup', () => {
  it('brings a key back with its versions, into the same subscription and geography only', async () => {
    const first = keysOf('complete-first')
    const one = await first.createKey('kept', 'RSA', { tags: { team: 'db' } })
    const two = await first.createKey('kept', 'RSA')
    const wrapped = await app.crypto(two.id!).wrapKey('RSA-OAEP-256', Buffer.from('a data key'))
    const blob = (await first.backupKey('kept'))!
    const copy = await keysOf('complete-second').restoreKeyBackup(blob)
    expect(copy.properties.version).toBe(two.properties.version)
    const versions = []
    for await (const v of keysOf('complete-second').listPropertiesOfKeyVersions('kept')) versions.push(v.version)
    expect(versions.sort()).toEqual([one.properties.version, two.properties.version].sort())
    const opened = await app.crypto(copy.id!).unwrapKey('RSA-OAEP-256', wrapped.result)
    expect(Buffer.from(opened.result).toString()).toBe('a data key')
    for (const vault of ['complete-far', 'complete-foreign'])
      expect(await failure(keysOf(vault).restoreKeyBackup(blob))).toMatchObject({
        statusCode: 400,
        code: 'BadParameter',
      })
    expect(await failure(first.restoreKeyBackup(blob))).toMatchObject({ statusCode: 409, code: 'Conflict' })
    blob[40]! ^= 1
    expect(await failure(first.restoreKeyBackup(blob))).toMatchObject({ statusCode: 400, code: 'BadParameter' })
  })

  it('outlives its key: what was purged comes back whole, and a deleted name refuses it', async () => {
    const first = keysOf('complete-first')
    await first.createKey('phoenix', 'EC')
    const blob = (await first.backupKey('phoenix'))!
    await (await first.beginDeleteKey('phoenix', { intervalInMs: 1 })).pollUntilDone()
    const refused = await failure(first.restoreKeyBackup(blob))
    expect(refused).toMatchObject({ statusCode: 409, code: 'Conflict' })
    expect(innerCode(refused)).toBe('ObjectIsDeletedButRecoverable')
    await first.purgeDeletedKey('phoenix')
    expect((await first.restoreKeyBackup(blob)).name).toBe('phoenix')
  })
})

describe('a transfer file', () => {
  const kwp = (kek: Buffer, plain: Buffer) => {
    const cipher = createCipheriv('id-aes256-wrap-pad', kek, Buffer.from('a65959a6', 'hex'))
    return Buffer.concat([cipher.update(plain), cipher.final()])
  }
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 })

  it('wrapped under a key exchange key of the vault becomes a key that opens what it sealed', async () => {
    const first = keysOf('complete-first')
    const exchange = await first.createRsaKey('kek', { hsm: true, keyOps: ['import'] })
    const jwk = {
      kty: 'RSA',
      n: Buffer.from(exchange.key!.n!).toString('base64url'),
      e: Buffer.from(exchange.key!.e!).toString('base64url'),
    }
    const aes = randomBytes(32)
    const sealedAes = publicEncrypt(
      {
        key: createPublicKey({ key: jwk, format: 'jwk' }),
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: 'sha1',
      },
      aes,
    )
    const file = (kid: string) =>
      Buffer.from(
        JSON.stringify({
          schema_version: '1.0.0',
          header: { kid, alg: 'dir', enc: 'CKM_RSA_AES_KEY_WRAP' },
          ciphertext: Buffer.concat([
            sealedAes,
            kwp(aes, own.privateKey.export({ format: 'der', type: 'pkcs8' })),
          ]).toString('base64url'),
          generator: 'test',
        }),
      )
    const brought = await first.importKey('byok', {
      kty: 'RSA-HSM',
      t: file(exchange.id!),
      keyOps: ['wrapKey', 'unwrapKey'],
    })
    expect(brought.keyType).toBe('RSA-HSM')
    const sealed = publicEncrypt(
      { key: own.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
      Buffer.from('mine'),
    )
    expect(Buffer.from((await app.crypto(brought.id!).unwrapKey('RSA-OAEP-256', sealed)).result).toString()).toBe(
      'mine',
    )
    const ordinary = await first.createRsaKey('no-kek', { hsm: true })
    for (const t of [
      file(ordinary.id!),
      Buffer.from('{}'),
      file(exchange.id!.replace('complete-first', 'complete-old')),
    ])
      expect(await failure(first.importKey('byok', { kty: 'RSA-HSM', t }))).toMatchObject({
        statusCode: 400,
        code: 'BadParameter',
      })
    expect(await failure(app.crypto(exchange.id!).unwrapKey('RSA-OAEP-256', sealed))).toBeDefined()
    expect(await failure(first.createRsaKey('kek2', { keyOps: ['import'] }))).toMatchObject({ statusCode: 400 })
  })
})

describe('a vault from before soft delete', () => {
  it('destroys at once, knows no deleted keys, and its purge is not enabled', async () => {
    const old = keysOf('complete-old')
    const key = await old.createKey('gone', 'EC')
    expect(key.properties).toMatchObject({ recoveryLevel: 'Purgeable', recoverableDays: 0 })
    await (await old.beginDeleteKey('gone', { intervalInMs: 1 })).pollUntilDone()
    expect(await failure(old.getKey('gone'))).toMatchObject({ statusCode: 404, code: 'KeyNotFound' })
    expect(await failure(old.purgeDeletedKey('gone'))).toMatchObject({ statusCode: 400, code: 'NotSupported' })
    expect((await old.createKey('gone', 'EC')).name).toBe('gone')
  })
})

describe('release', () => {
  it('is refused for a key that is not exportable', async () => {
    await keysOf('complete-first').createKey('stays', 'EC')
    const refused = await failure(keysOf('complete-first').releaseKey('stays', 'a.b.c'))
    expect(refused).toMatchObject({ statusCode: 403, code: 'Forbidden' })
    expect(innerCode(refused)).toBe('KeyOperationForbidden')
  })
})

describe('throttling', () => {
  it('answers 429 with Retry-After once a vault has made its keys, and not where it is off', async () => {
    const old = keysOf('complete-old')
    const make = () => failure(old.createKey('many', 'EC'))
    await updateTenantSettings(service, { throttling: true })
    try {
      let refused = await make()
      // The window may turn once while keys are made; it holds 20.
      for (let i = 0; i < 45 && refused.statusCode === 200; i++) refused = await make()
      expect(refused).toMatchObject({ statusCode: 429, code: 'Throttled' })
      const wait = Number(
        (refused as { response?: { headers: { get(n: string): string } } }).response?.headers.get('retry-after'),
      )
      expect(wait).toBeGreaterThanOrEqual(1)
      expect(wait).toBeLessThanOrEqual(10)
    } finally {
      await updateTenantSettings(service, { throttling: false })
    }
    expect(await make()).toMatchObject({ statusCode: 200 })
  })
})
