import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'
import { promisify } from 'node:util'
import { AppError } from '@/server/kernel/errors'
import { type PrivateHalf, runKeyJob } from './crypto-pool'
import type { EcCurve, KeyKind, PublicJwk } from './model'
import { type Token, toReference } from './token'

const generate = promisify(generateKeyPair)

type WrapAlgorithm = {
  /** Bytes of a block that padding takes: the longest input is the modulus length less this. */
  overhead: number
  padding: number
  oaepHash?: string
}

/** Algorithms of wrapKey and encrypt for RSA: the same mathematics (Key Vault, about keys, key operations). */
export const WRAP_ALGORITHMS: Record<string, WrapAlgorithm> = {
  RSA1_5: { overhead: 11, padding: constants.RSA_PKCS1_PADDING },
  'RSA-OAEP': { overhead: 42, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' },
  'RSA-OAEP-256': { overhead: 66, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
}

const NAMED_CURVES: Record<EcCurve, string> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
  'P-256K': 'secp256k1',
}

/** Private half as PKCS#8 DER, of a symmetric key its bytes, or where a token holds it. Seal it before it goes anywhere. */
export type KeyMaterial = { publicJwk: PublicJwk; secret: Buffer }
export type ImportedMaterial = KeyMaterial & { keySize: number | null; crv: EcCurve | null }

/**
 * Makes a fresh key on the thread pool, or in a token; RSA has the public exponent 65537.
 * @param token keeps the private half where it can; symmetric keys it does not take.
 */
export async function generateMaterial(
  plan: { kind: KeyKind; keySize: number | null; crv: EcCurve | null },
  token: Token | null = null,
): Promise<KeyMaterial> {
  if (token && plan.kind !== 'oct') {
    const { publicJwk, id } = await token.generate(plan)
    return { publicJwk, secret: toReference(id) }
  }
  if (plan.kind === 'oct') return { publicJwk: { kty: 'oct' }, secret: randomBytes(plan.keySize! / 8) }
  const pair = plan.crv
    ? await generate('ec', { namedCurve: NAMED_CURVES[plan.crv] })
    : await generate('rsa', { modulusLength: plan.keySize! })
  return toMaterial(pair.publicKey, pair.privateKey, plan.crv)
}

export function toMaterial(publicKey: KeyObject, privateKey: KeyObject, crv: EcCurve | null): KeyMaterial {
  const { kty, n, e, x, y } = publicKey.export({ format: 'jwk' }) as PublicJwk
  // Key Vault's P-256K is the curve that JOSE calls secp256k1.
  const publicJwk = crv ? { kty, crv, x, y } : { kty, n, e }
  return { publicJwk, secret: privateKey.export({ format: 'der', type: 'pkcs8' }) }
}

/** Key Vault's name of a curve and node's name of the same. */
const curveOf = (named: string | undefined) =>
  (Object.keys(NAMED_CURVES) as EcCurve[]).find((crv) => NAMED_CURVES[crv] === named) ?? null

/**
 * Takes in a private JWK (RSA with n, e, d, p, q, dp, dq, qi; EC with crv, x, y, d; oct with k).
 * @throws AppError `BadParameter` when it is no consistent private key.
 */
export function importMaterial(jwk: { kty: string }): ImportedMaterial {
  const { kty, crv, ...numbers } = jwk as { kty: string; crv?: string; k?: unknown }
  if (/^oct(-HSM)?$/i.test(kty)) return octMaterial(numbers.k)
  const key = { ...numbers, kty: kty.replace(/-HSM$/i, ''), ...(crv && { crv: crv === 'P-256K' ? 'secp256k1' : crv }) }
  return readPrivate(() => createPrivateKey({ key: key as JsonWebKey, format: 'jwk' }))
}

/** Takes in a private key as PKCS#8 DER. Errors as `importMaterial`. */
export const importPkcs8 = (der: Buffer): ImportedMaterial =>
  readPrivate(() => createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))

function octMaterial(k: unknown): ImportedMaterial {
  const secret = typeof k === 'string' ? Buffer.from(k, 'base64url') : Buffer.alloc(0)
  if (secret.length === 0) throw noPrivateKey()
  return { publicJwk: { kty: 'oct' }, secret, keySize: secret.length * 8, crv: null }
}

function readPrivate(read: () => KeyObject): ImportedMaterial {
  try {
    const privateKey = read()
    const { modulusLength, namedCurve, publicExponent } = privateKey.asymmetricKeyDetails ?? {}
    const ours = curveOf(namedCurve)
    if (!modulusLength && !ours) throw new Error(`no key of ours: ${privateKey.asymmetricKeyType}`)
    if (modulusLength && privateKey.asymmetricKeyType !== 'rsa') throw new Error('a restricted RSA key')
    if (publicExponent !== undefined && publicExponent < 3n) throw new Error('no usable exponent')
    return { ...toMaterial(createPublicKey(privateKey), privateKey, ours), keySize: modulusLength ?? null, crv: ours }
  } catch (cause) {
    throw noPrivateKey(cause)
  }
}

const noPrivateKey = (cause?: unknown) =>
  new AppError('BadParameter', {
    publicMessage: 'Property key has invalid value: it is no private key with all its parts.',
    field: 'key',
    cause,
  })

type KeyFacts = { keySize: number | null; publicJwk: PublicJwk }

/**
 * Encrypts raw bytes under the public key; the result is as long as the modulus.
 * @param alg one of `WRAP_ALGORITHMS`. @throws AppError `BadParameter` (input length).
 */
export function encryptRsa(key: KeyFacts, alg: string, plain: Uint8Array): Buffer {
  const { overhead, padding, oaepHash } = WRAP_ALGORITHMS[alg]!
  const longest = key.keySize! / 8 - overhead
  if (plain.length === 0 || plain.length > longest) throw badLength(alg, `1 to ${longest} bytes`, plain.length)
  const publicKey = createPublicKey({ key: { ...key.publicJwk, kty: 'RSA' }, format: 'jwk' })
  return publicEncrypt({ key: publicKey, padding, oaepHash }, plain)
}

/**
 * Decrypts under the private key, off the event loop.
 * @param alg one of `WRAP_ALGORITHMS`. @throws AppError `BadParameter` (input length, or bytes that do not decrypt).
 */
export async function decryptRsa(key: KeyFacts, pkcs8: PrivateHalf, alg: string, cipher: Uint8Array): Promise<Buffer> {
  const { padding, oaepHash } = WRAP_ALGORITHMS[alg]!
  const modulus = key.keySize! / 8
  if (cipher.length !== modulus) throw badLength(alg, `${modulus} bytes`, cipher.length)
  // Node refuses PKCS#1 v1.5 decryption or hides its failures, depending on its version: unpad here instead.
  const raw = padding === constants.RSA_PKCS1_PADDING
  const job = { kind: 'rsa', pkcs8, input: cipher, direction: 'decrypt', modulusBytes: modulus } as const
  const block = await runKeyJob(
    raw ? { ...job, padding: constants.RSA_NO_PADDING } : { ...job, padding, oaepHash: oaepHash! },
  )
  const plain = raw && block ? unpadPkcs1(block) : block
  if (!plain)
    throw new AppError('BadParameter', {
      publicMessage: `Invalid value: the bytes do not decrypt under this key with ${alg}.`,
      field: 'value',
    })
  return plain
}

/** RFC 8017, 7.2.2: 00 02, at least eight non-zero bytes, 00, message. */
function unpadPkcs1(block: Buffer): Buffer | null {
  const end = block.indexOf(0, 2)
  return block[0] === 0 && block[1] === 2 && end >= 10 ? block.subarray(end + 1) : null
}

const badLength = (alg: string, expected: string, actual: number) =>
  new AppError('BadParameter', {
    publicMessage: `Invalid value: ${alg} with this key takes ${expected}, not ${actual}.`,
    field: 'value',
  })
