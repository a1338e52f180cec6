import { constants, createHash, createPublicKey, publicDecrypt, randomBytes, timingSafeEqual } from 'node:crypto'
import { AppError } from '@/server/kernel/errors'
import { type PrivateHalf, runKeyJob } from './crypto-pool'
import type { PublicJwk } from './model'
import { mask, xor } from './padding'

type SignatureAlgorithm = { scheme: 'pkcs1' | 'pss' | 'null'; hash: string; digestBytes: number }

/** Signature algorithms of RSA keys; what is signed is a digest that the caller made (Key Vault, sign operation). */
export const SIGNATURE_ALGORITHMS: Record<string, SignatureAlgorithm> = {
  RS256: { scheme: 'pkcs1', hash: 'sha256', digestBytes: 32 },
  RS384: { scheme: 'pkcs1', hash: 'sha384', digestBytes: 48 },
  RS512: { scheme: 'pkcs1', hash: 'sha512', digestBytes: 64 },
  PS256: { scheme: 'pss', hash: 'sha256', digestBytes: 32 },
  PS384: { scheme: 'pss', hash: 'sha384', digestBytes: 48 },
  PS512: { scheme: 'pss', hash: 'sha512', digestBytes: 64 },
  RSNULL: { scheme: 'null', hash: '', digestBytes: 0 },
}

/** DER of DigestInfo up to the digest (RFC 8017, 9.2, note 1). */
const DIGEST_INFO: Record<string, Buffer> = {
  sha256: Buffer.from('3031300d060960864801650304020105000420', 'hex'),
  sha384: Buffer.from('3041300d060960864801650304020205000430', 'hex'),
  sha512: Buffer.from('3051300d060960864801650304020305000440', 'hex'),
}

type KeyFacts = { keySize: number | null; publicJwk: PublicJwk }

const bad = (publicMessage: string, field: string) => new AppError('BadParameter', { publicMessage, field })

function algorithm(key: KeyFacts, alg: string, digest: Uint8Array): SignatureAlgorithm {
  const found = SIGNATURE_ALGORITHMS[alg]!
  const longest = key.keySize! / 8 - 11
  if (found.scheme === 'null' ? digest.length > longest : digest.length !== found.digestBytes) {
    const expected = found.scheme === 'null' ? `at most ${longest} bytes` : `a digest of ${found.digestBytes} bytes`
    throw bad(`Invalid value: ${alg} with this key takes ${expected}, not ${digest.length}.`, 'value')
  }
  return found
}

/**
 * Signs a digest with the private key, off the event loop; PSS takes a salt as long as the digest.
 * @param alg one of `SIGNATURE_ALGORITHMS`. @throws AppError `BadParameter` (digest length).
 */
export async function signRsa(key: KeyFacts, pkcs8: PrivateHalf, alg: string, digest: Uint8Array): Promise<Buffer> {
  const { scheme, hash } = algorithm(key, alg, digest)
  const job =
    scheme === 'pss'
      ? { input: pssEncode(digest, key.keySize!, hash), padding: constants.RSA_NO_PADDING }
      : { input: withDigestInfo(scheme, hash, digest), padding: constants.RSA_PKCS1_PADDING }
  const signature = await runKeyJob({
    ...{ kind: 'rsa', ...job, pkcs8, direction: 'encrypt' },
    modulusBytes: key.keySize! / 8,
  })
  if (!signature) throw new Error('the private key does not sign')
  return signature
}

/** Whether the signature is the key's own over this digest. Errors as `signRsa`; a malformed signature is false. */
export function verifyRsa(key: KeyFacts, alg: string, digest: Uint8Array, signature: Uint8Array): boolean {
  const { scheme, hash } = algorithm(key, alg, digest)
  // One signature has one form: a leading zero that was dropped would make another one of it.
  if (signature.length !== key.keySize! / 8) return false
  const publicKey = createPublicKey({ key: { ...key.publicJwk, kty: 'RSA' }, format: 'jwk' })
  const padding = scheme === 'pss' ? constants.RSA_NO_PADDING : constants.RSA_PKCS1_PADDING
  try {
    const block = publicDecrypt({ key: publicKey, padding }, signature)
    if (scheme === 'pss') return pssVerify(block, digest, hash)
    const expected = withDigestInfo(scheme, hash, digest)
    return block.length === expected.length && timingSafeEqual(block, expected)
  } catch {
    return false
  }
}

const withDigestInfo = (scheme: SignatureAlgorithm['scheme'], hash: string, digest: Uint8Array): Buffer =>
  scheme === 'null' ? Buffer.from(digest) : Buffer.concat([DIGEST_INFO[hash]!, digest])

const pssHash = (hash: string, digest: Uint8Array, salt: Uint8Array): Buffer =>
  createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest()

/** EMSA-PSS-ENCODE (RFC 8017, 9.1.1) for moduli of whole bytes, of which the highest bit is left out. */
function pssEncode(digest: Uint8Array, bits: number, hash: string): Buffer {
  const salt = randomBytes(digest.length)
  const h = pssHash(hash, digest, salt)
  const block = Buffer.alloc(bits / 8 - h.length - 1)
  block[block.length - salt.length - 1] = 1
  salt.copy(block, block.length - salt.length)
  const masked = xor(block, mask(hash, h, block.length))
  masked[0]! &= 0x7f
  return Buffer.concat([masked, h, Buffer.from([0xbc])])
}

/** EMSA-PSS-VERIFY (RFC 8017, 9.1.2) with a salt as long as the digest. */
function pssVerify(encoded: Buffer, digest: Uint8Array, hash: string): boolean {
  const length = encoded.length - digest.length - 1
  const h = encoded.subarray(length, -1)
  if (encoded.at(-1) !== 0xbc || encoded[0]! & 0x80) return false
  const block = xor(encoded.subarray(0, length), mask(hash, h, length))
  block[0]! &= 0x7f
  const salt = block.subarray(length - digest.length)
  const padding = block.subarray(0, length - digest.length)
  const wellPadded = padding.at(-1) === 1 && padding.subarray(0, -1).every((byte) => byte === 0)
  return wellPadded && timingSafeEqual(h, pssHash(hash, digest, salt))
}
