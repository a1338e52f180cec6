import {
  constants,
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as nodeSign,
  verify as nodeVerify,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { AppError } from '@/server/kernel/errors'
import {
  decryptRsa,
  encryptRsa,
  generateMaterial,
  importMaterial,
  type KeyMaterial,
  WRAP_ALGORITHMS,
} from '@/server/keys/crypto'
import { type Lend, protect, signWith } from '@/server/keys/operations'
import { SIGNATURE_ALGORITHMS, signRsa, verifyRsa } from '@/server/keys/signatures'

const SIZES = [2048, 3072, 4096]
const ALGORITHMS = Object.keys(WRAP_ALGORITHMS)
const materials = new Map<number, KeyMaterial>()

beforeAll(async () => {
  for (const size of SIZES) materials.set(size, await generateMaterial({ kind: 'RSA', keySize: size, crv: null }))
}, 60_000)

const facts = (size: number) => ({ kty: 'RSA', crv: null, keySize: size, publicJwk: materials.get(size)!.publicJwk })
const decrypt = (size: number, alg: string, bytes: Uint8Array) =>
  decryptRsa(facts(size), materials.get(size)!.secret, alg, bytes)
const lend: Lend = async (use) => use(materials.get(2048)!.secret)
const code = (error: unknown) => (error instanceof AppError ? error.code : String(error))

describe.each(SIZES)('RSA %d', (size) => {
  it.each(ALGORITHMS)('unwraps with %s whatever it wrapped, up to the longest input', async (alg) => {
    const longest = size / 8 - WRAP_ALGORITHMS[alg]!.overhead
    const inputs = fc.uint8Array({ minLength: 1, maxLength: longest })
    await fc.assert(
      fc.asyncProperty(inputs, async (plain) => {
        const wrapped = encryptRsa(facts(size), alg, plain)
        expect(wrapped).toHaveLength(size / 8)
        expect(await decrypt(size, alg, wrapped)).toEqual(Buffer.from(plain))
      }),
      { numRuns: size === 2048 ? 25 : 6, examples: [[new Uint8Array(longest)], [new Uint8Array(1)]] },
    )
  })

  it.each(ALGORITHMS)('refuses with %s what is too long, and says both lengths', (alg) => {
    const longest = size / 8 - WRAP_ALGORITHMS[alg]!.overhead
    expect(() => encryptRsa(facts(size), alg, new Uint8Array(longest + 1))).toThrow(
      `1 to ${longest} bytes, not ${longest + 1}`,
    )
    expect(() => encryptRsa(facts(size), alg, new Uint8Array(0))).toThrow('not 0')
  })
})

describe('decryption', () => {
  it.each(ALGORITHMS)('with %s refuses every other length and any changed byte', async (alg) => {
    const wrapped = encryptRsa(facts(2048), alg, randomBytes(32))
    for (const bytes of [wrapped.subarray(1), Buffer.concat([wrapped, Buffer.alloc(1)]), Buffer.alloc(0)])
      expect(code(await decrypt(2048, alg, bytes).catch((e) => e))).toBe('BadParameter')
    // PKCS#1 v1.5 has no integrity: a changed block may still unpad, but never to what was sealed.
    const plain = await decrypt(2048, alg, wrapped)
    for (const i of [0, 100, 255]) {
      const changed = Buffer.from(wrapped)
      changed[i]! ^= 1
      const result = await decrypt(2048, alg, changed).catch((e) => e)
      if (Buffer.isBuffer(result)) expect(result).not.toEqual(plain)
      else expect(code(result)).toBe('BadParameter')
    }
  })

  it('opens what another implementation sealed with the public half', async () => {
    const key = createPublicKey({ key: materials.get(2048)!.publicJwk, format: 'jwk' })
    const secret = randomBytes(32)
    const sealed = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, secret)
    expect(await decrypt(2048, 'RSA-OAEP-256', sealed)).toEqual(secret)
    const old = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, secret)
    expect(await decrypt(2048, 'RSA1_5', old)).toEqual(secret)
  })

  it('refuses algorithms that are none, or not the key type', async () => {
    const wrap = (kty: string, alg: string) =>
      protect({ ...facts(2048), kty }, lend, 'wrapKey', { alg, value: randomBytes(32) }).catch((e) => e)
    expect(code(await wrap('RSA', 'RSA-OAEP-512'))).toBe('BadParameter')
    expect((await wrap('EC', 'RSA-OAEP-256')).message).toContain("is of type 'EC'")
    expect(code(await wrap('RSA', 'A256KW'))).toBe('KeyTypeUnsupported')
    expect(code(await wrap('RSA', 'toString'))).toBe('BadParameter')
  })
})

describe('signatures', () => {
  const pkcs8 = () => materials.get(2048)!.secret
  const data = Buffer.from('what is signed')
  const schemes = Object.entries(SIGNATURE_ALGORITHMS).filter(([, a]) => a.scheme !== 'null')
  const nodeOptions = (scheme: string) =>
    scheme === 'pss' ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } : {}

  it.each(schemes)('%s are what another implementation takes and makes', async (alg, { scheme, hash }) => {
    const digest = createHash(hash).update(data).digest()
    const privateKey = createPrivateKey({ key: pkcs8(), format: 'der', type: 'pkcs8' })
    const publicKey = createPublicKey(privateKey)
    const ours = await signRsa(facts(2048), pkcs8(), alg, digest)
    expect(nodeVerify(hash, data, { key: publicKey, ...nodeOptions(scheme) }, ours)).toBe(true)
    const theirs = nodeSign(hash, data, { key: privateKey, ...nodeOptions(scheme) })
    expect(verifyRsa(facts(2048), alg, digest, theirs)).toBe(true)
    for (const i of [0, 128, 255]) {
      const changed = Buffer.from(theirs)
      changed[i]! ^= 1
      expect(verifyRsa(facts(2048), alg, digest, changed)).toBe(false)
    }
    expect(verifyRsa(facts(2048), alg, createHash(hash).update('else').digest(), theirs)).toBe(false)
    expect(verifyRsa(facts(2048), alg, digest, theirs.subarray(1))).toBe(false)
  })

  it('are as long as the modulus: one whose leading zero was dropped is none', async () => {
    const privateKey = createPrivateKey({ key: pkcs8(), format: 'der', type: 'pkcs8' })
    for (let i = 0; ; i++) {
      const signature = nodeSign('sha256', Buffer.from(String(i)), privateKey)
      if (signature[0] !== 0) continue
      const digest = createHash('sha256').update(String(i)).digest()
      expect(verifyRsa(facts(2048), 'RS256', digest, signature)).toBe(true)
      expect(verifyRsa(facts(2048), 'RS256', digest, signature.subarray(1))).toBe(false)
      return
    }
  })

  it('RSNULL signs the bytes as they are', async () => {
    const signature = await signRsa(facts(2048), pkcs8(), 'RSNULL', data)
    expect(verifyRsa(facts(2048), 'RSNULL', data, signature)).toBe(true)
    expect(verifyRsa(facts(2048), 'RSNULL', Buffer.from('else'), signature)).toBe(false)
  })

  it('refuse digests of another length, saying both, and other keys and algorithms', async () => {
    const sign = (alg: string, bytes: number, key: Parameters<typeof signRsa>[0] = facts(2048)) =>
      signRsa(key, pkcs8(), alg, new Uint8Array(bytes)).catch((error) => error)
    expect((await sign('RS256', 31)).message).toContain('a digest of 32 bytes, not 31')
    expect((await sign('RSNULL', 246)).message).toContain('at most 245 bytes, not 246')
    const ask = (kty: string, alg: string) => signWith({ ...facts(2048), kty }, lend, alg, new Uint8Array(32))
    expect(code(await ask('RSA', 'ES256').catch((e) => e))).toBe('KeyTypeUnsupported')
    expect(code(await ask('EC', 'RS256').catch((e) => e))).toBe('KeyTypeUnsupported')
    expect(code(await ask('RSA', 'RS1').catch((e) => e))).toBe('BadParameter')
  })
})

describe('an imported key', () => {
  it('is the key that was exported, on every curve and for RSA', async () => {
    for (const crv of ['P-256', 'P-384', 'P-521', 'P-256K'] as const) {
      const made = await generateMaterial({ kind: 'EC', keySize: null, crv })
      const jwk = createPrivateKey({ key: made.secret, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
      const back = importMaterial({ ...jwk, kty: 'EC', crv } as { kty: string })
      expect(back).toMatchObject({ crv, publicJwk: made.publicJwk })
    }
    const rsa = materials.get(3072)!
    const jwk = createPrivateKey({ key: rsa.secret, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' })
    expect(importMaterial({ ...jwk, kty: 'RSA-HSM' })).toMatchObject({ keySize: 3072, publicJwk: rsa.publicJwk })
  })

  it('is refused when it is the public half only', () => {
    expect(() => importMaterial({ ...materials.get(2048)!.publicJwk })).toThrow('no private key')
  })
})
