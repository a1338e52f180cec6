import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { AppError } from '@/server/kernel/errors'

/** What an operation of a symmetric key takes and gives besides its bytes. */
export type CipherParts = { value: Uint8Array; iv?: Uint8Array; aad?: Uint8Array; tag?: Uint8Array }
export type CipherText = { value: Buffer; iv?: Buffer; aad?: Uint8Array; tag?: Buffer }

/** RFC 3394, 2.2.3.1, and RFC 5649, 3: the initial values of AES key wrap without and with padding. */
const WRAP_IV = Buffer.alloc(8, 0xa6)
const WRAP_PAD_IV = Buffer.from('a65959a6', 'hex')
const GCM_IV_BYTES = 12
const GCM_TAG_BYTES = 16
const BLOCK = 16

type Mode = 'KW' | 'KWP' | 'GCM' | 'CBC' | 'CBCPAD'
/** Bits of the key that an algorithm takes (null: any), and how it works. */
type SymmetricAlgorithm = { bits: number | null; mode: Mode }

const BITS = [128, 192, 256]

/** Algorithms of wrapKey and unwrapKey for symmetric keys (Managed HSM, key types, AES). */
export const OCT_WRAP_ALGORITHMS: Record<string, SymmetricAlgorithm> = {
  ...Object.fromEntries(BITS.map((bits) => [`A${bits}KW`, { bits, mode: 'KW' as const }])),
  CKM_AES_KEY_WRAP: { bits: null, mode: 'KW' },
  CKM_AES_KEY_WRAP_PAD: { bits: null, mode: 'KWP' },
}

/** Algorithms of encrypt and decrypt for symmetric keys. */
export const OCT_CIPHERS: Record<string, SymmetricAlgorithm> = Object.fromEntries(
  (['GCM', 'CBC', 'CBCPAD'] as const).flatMap((mode) => BITS.map((bits) => [`A${bits}${mode}`, { bits, mode }])),
)

/** Algorithms of sign and verify for symmetric keys, with the length of the digest that they take. */
export const HMAC_ALGORITHMS: Record<string, { hash: string; digestBytes: number }> = {
  HS256: { hash: 'sha256', digestBytes: 32 },
  HS384: { hash: 'sha384', digestBytes: 48 },
  HS512: { hash: 'sha512', digestBytes: 64 },
}

const bad = (publicMessage: string, field: string) => new AppError('BadParameter', { publicMessage, field })

function checkSize(alg: string, { bits }: SymmetricAlgorithm, secret: Uint8Array): void {
  if (bits !== null && bits !== secret.length * 8)
    throw bad(`The algorithm '${alg}' takes a key of ${bits} bits; this one has ${secret.length * 8}.`, 'alg')
}

/**
 * Encrypts or wraps under a symmetric key. GCM makes its own initialization vector; CBC takes one of 16 bytes.
 * @param algorithms `OCT_WRAP_ALGORITHMS` or `OCT_CIPHERS`, which the algorithm must be one of.
 * @throws AppError `BadParameter` (key size, lengths of input and vector).
 */
export function encryptOct(
  secret: Uint8Array,
  alg: string,
  { mode, bits }: SymmetricAlgorithm,
  input: CipherParts,
): CipherText {
  checkSize(alg, { mode, bits }, secret)
  const { value, aad } = input
  if (mode === 'GCM') {
    const iv = randomBytes(GCM_IV_BYTES)
    const cipher = createCipheriv(gcm(secret), secret, iv)
    if (aad?.length) cipher.setAAD(aad)
    const body = Buffer.concat([cipher.update(value), cipher.final()])
    return { value: body, iv, tag: cipher.getAuthTag(), ...(aad && { aad }) }
  }
  if (mode === 'KW' || mode === 'KWP') {
    checkWrapLength(alg, mode, value)
    const cipher = createCipheriv(wrapName(secret, mode), secret, mode === 'KW' ? WRAP_IV : WRAP_PAD_IV)
    return { value: Buffer.concat([cipher.update(value), cipher.final()]) }
  }
  const iv = vector(alg, input.iv)
  if (mode === 'CBC' && value.length % BLOCK !== 0)
    throw bad(`Invalid value: ${alg} takes whole blocks of ${BLOCK} bytes.`, 'value')
  const cipher = createCipheriv(cbc(secret), secret, iv).setAutoPadding(mode === 'CBCPAD')
  return { value: Buffer.concat([cipher.update(value), cipher.final()]), iv }
}

/** Undoes `encryptOct`. @throws AppError `BadParameter`, also for bytes that are not this key's. */
export function decryptOct(
  secret: Uint8Array,
  alg: string,
  { mode, bits }: SymmetricAlgorithm,
  input: CipherParts,
): Buffer {
  checkSize(alg, { mode, bits }, secret)
  const open = opener(secret, alg, mode, input)
  try {
    return open()
  } catch {
    throw bad(`Invalid value: the bytes do not decrypt under this key with ${alg}.`, 'value')
  }
}

function opener(secret: Uint8Array, alg: string, mode: Mode, { value, iv, aad, tag }: CipherParts): () => Buffer {
  if (mode === 'GCM') {
    if (iv?.length !== GCM_IV_BYTES) throw bad(`${alg} takes the ${GCM_IV_BYTES} bytes of its vector as iv.`, 'iv')
    if (tag?.length !== GCM_TAG_BYTES)
      throw bad(`${alg} takes its ${GCM_TAG_BYTES} bytes of authentication tag.`, 'tag')
    return () => {
      const cipher = createDecipheriv(gcm(secret), secret, iv).setAuthTag(tag)
      if (aad?.length) cipher.setAAD(aad)
      return Buffer.concat([cipher.update(value), cipher.final()])
    }
  }
  if (mode === 'KW' || mode === 'KWP') {
    const cipher = createDecipheriv(wrapName(secret, mode), secret, mode === 'KW' ? WRAP_IV : WRAP_PAD_IV)
    return () => Buffer.concat([cipher.update(value), cipher.final()])
  }
  const cipher = createDecipheriv(cbc(secret), secret, vector(alg, iv)).setAutoPadding(mode === 'CBCPAD')
  return () => Buffer.concat([cipher.update(value), cipher.final()])
}

function checkWrapLength(alg: string, mode: 'KW' | 'KWP', value: Uint8Array): void {
  if (mode === 'KW' && (value.length < 16 || value.length % 8 !== 0))
    throw bad(`Invalid value: ${alg} wraps 16 bytes or more, in steps of 8, not ${value.length}.`, 'value')
  if (value.length === 0) throw bad(`Invalid value: ${alg} wraps at least one byte.`, 'value')
}

function vector(alg: string, iv: Uint8Array | undefined): Buffer {
  if (iv?.length !== BLOCK) throw bad(`${alg} takes an iv of ${BLOCK} bytes.`, 'iv')
  return Buffer.from(iv)
}

const bitsOf = (secret: Uint8Array) => secret.length * 8
const gcm = (secret: Uint8Array) => `aes-${bitsOf(secret)}-gcm` as 'aes-256-gcm'
const cbc = (secret: Uint8Array) => `aes-${bitsOf(secret)}-cbc`
const wrapName = (secret: Uint8Array, mode: 'KW' | 'KWP') =>
  `id-aes${bitsOf(secret)}-wrap${mode === 'KWP' ? '-pad' : ''}`

/** Unwraps what AES key wrap with padding (RFC 5649) made; null when it was not made with this key. */
export function unwrapPadded(secret: Uint8Array, wrapped: Uint8Array): Buffer | null {
  try {
    const cipher = createDecipheriv(wrapName(secret, 'KWP'), secret, WRAP_PAD_IV)
    return Buffer.concat([cipher.update(wrapped), cipher.final()])
  } catch {
    return null
  }
}

/** The authentication code of a digest. @throws AppError `BadParameter` (digest length). */
export function hmac(secret: Uint8Array, alg: string, digest: Uint8Array): Buffer {
  const { hash, digestBytes } = HMAC_ALGORITHMS[alg]!
  if (digest.length !== digestBytes)
    throw bad(`Invalid value: ${alg} takes a digest of ${digestBytes} bytes, not ${digest.length}.`, 'value')
  return createHmac(hash, secret).update(digest).digest()
}

export function verifyHmac(secret: Uint8Array, alg: string, digest: Uint8Array, code: Uint8Array): boolean {
  const expected = hmac(secret, alg, digest)
  return code.length === expected.length && timingSafeEqual(code, expected)
}
