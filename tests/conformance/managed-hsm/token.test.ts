import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  verify,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { createResourceGroup } from '@/server/identity/service'
import { unpadOaep } from '@/server/keys/padding'
import { startToken } from '@/server/keys/service/token'
import { readReference } from '@/server/keys/token'
import { activateManagedHsm, createManagedHsm, hsmKeys } from '@/server/managed-hsm/service'
import { codeOf, hsmInput, LOCATION } from '../../support/key-stores'
import { softHsmToken } from '../../support/soft-hsm'
import { custody, SUBSCRIPTION_ID, testTenant } from '../../support/tenant'

const config = softHsmToken()
startToken(config)
// The very tests that a pool without a token has to pass, with the private halves in a real one.
if (config) await import('./keys.test')

const { db, service } = await testTenant()
const keys = hsmKeys(service, 'token-hsm')
const kept = async (name: string) => {
  const row = await db.keyVersion.findFirstOrThrow({ where: { key: { name } } })
  return custody.open('key-material', `${row.keyId}/${row.version}`, row.sealedPrivate)
}

/** Unpadding outside a token is held to OpenSSL's, token or not. */
describe('OAEP taken off outside', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  it.each(['sha1', 'sha256'])('with %s gives what OpenSSL gives, and nothing for what was changed', (oaepHash) => {
    const longest = 256 - 2 - 2 * createHash(oaepHash).digest().length
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: longest }),
        fc.nat(255),
        fc.integer({ min: 1, max: 255 }),
        (plain, at, flip) => {
          const sealed = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, plain)
          const block = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, sealed)
          expect(unpadOaep(block, oaepHash)).toEqual(Buffer.from(plain))
          block[at]! ^= flip
          expect(unpadOaep(block, oaepHash)).toBeNull()
        },
      ),
      { numRuns: 60 },
    )
  })
})

if (config)
  describe('a key in a token', () => {
    beforeAll(async () => {
      await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })
      await createManagedHsm(service, hsmInput('token-hsm', [SUBSCRIPTION_ID]))
      const pem = () =>
        generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'pem', type: 'spki' })
      await activateManagedHsm(service, 'token-hsm', { publicKeys: [1, 2, 3].map(() => String(pem())), quorum: 2 })
    })

    it('lies in the database as a reference alone, and the token gives its private exponent to nobody', async () => {
      await keys.create({ name: 'there', kty: 'RSA' })
      const id = readReference(await kept('there'))
      expect(id).toHaveLength(16)
      const library = createRequire(import.meta.url)('pkcs11js') as typeof import('pkcs11js')
      const pkcs11 = new library.PKCS11()
      pkcs11.load(config.module)
      const slot = pkcs11.C_GetSlotList(true).find((s) => pkcs11.C_GetTokenInfo(s).label.trim() === 'pool')!
      const session = pkcs11.C_OpenSession(slot, library.CKF_SERIAL_SESSION)
      pkcs11.C_FindObjectsInit(session, [
        { type: library.CKA_CLASS, value: library.CKO_PRIVATE_KEY },
        { type: library.CKA_ID, value: id! },
      ])
      const [handle] = pkcs11.C_FindObjects(session, 2)
      pkcs11.C_FindObjectsFinal(session)
      expect(() => pkcs11.C_GetAttributeValue(session, handle!, [{ type: library.CKA_PRIVATE_EXPONENT }])).toThrow(
        'CKR_ATTRIBUTE_SENSITIVE',
      )
      pkcs11.C_CloseSession(session)
      expect(readFileSync(config.pinFile, 'utf8')).toContain('482915')
    })

    it.each([2048, 3072, 4096])(
      'of RSA %i unwraps with every algorithm what others wrapped, and signs what they verify',
      async (keySize) => {
        const name = `rsa-${keySize}`
        const { publicJwk } = await keys.create({ name, kty: 'RSA', keySize })
        const key = createPublicKey({ key: publicJwk as JsonWebKey, format: 'jwk' })
        const plain = randomBytes(32)
        for (const [alg, how] of Object.entries({
          'RSA-OAEP-256': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
          'RSA-OAEP': { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
          RSA1_5: { padding: constants.RSA_PKCS1_PADDING },
        })) {
          const value = publicEncrypt({ key, ...how }, plain)
          expect((await keys.unwrap({ name, version: null, alg, value })).value, alg).toEqual(plain)
          value[100]! ^= 1
          expect(await codeOf(keys.unwrap({ name, version: null, alg, value })), alg).toBe('BadParameter')
        }
        const digest = createHash('sha256').update('data').digest()
        const { value: pkcs1 } = await keys.sign({ name, version: null, alg: 'RS256', digest })
        expect(verify('sha256', Buffer.from('data'), key, pkcs1)).toBe(true)
        const { value: pss } = await keys.sign({ name, version: null, alg: 'PS256', digest })
        const padding = { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }
        expect(verify('sha256', Buffer.from('data'), padding, pss)).toBe(true)
      },
    )

    it.each([
      ['P-256', 'ES256', 'sha256'],
      ['P-384', 'ES384', 'sha384'],
      ['P-521', 'ES512', 'sha512'],
      ['P-256K', 'ES256K', 'sha256'],
    ])('on %s signs with %s what others verify', async (crv, alg, hash) => {
      const name = `ec-${crv}`
      const { publicJwk } = await keys.create({ name, kty: 'EC', crv })
      const jwk = { ...publicJwk, crv: crv === 'P-256K' ? 'secp256k1' : crv } as JsonWebKey
      const key = createPublicKey({ key: jwk, format: 'jwk' })
      const digest = createHash(hash).update('data').digest()
      const { value } = await keys.sign({ name, version: null, alg, digest })
      expect(verify(hash, Buffer.from('data'), { key, dsaEncoding: 'ieee-p1363' }, value)).toBe(true)
      expect(await keys.verify({ name, version: null, alg, digest, signature: value })).toBe(true)
    })

    it('works for many at once, and a backup of it is refused: it cannot leave', async () => {
      await keys.create({ name: 'busy', kty: 'RSA' })
      const request = { name: 'busy', version: null, alg: 'RSA-OAEP-256' }
      const { value } = await keys.wrap({ ...request, value: Buffer.from('many') })
      const all = await Promise.all(Array.from({ length: 30 }, () => keys.unwrap({ ...request, value })))
      expect(new Set(all.map((r) => r.value.toString()))).toEqual(new Set(['many']))
      expect(await codeOf(keys.backup('busy'))).toBe('KeyOperationForbidden')
    })
  })
