import { AppError } from '@/server/kernel/errors'
import { decryptRsa, encryptRsa, WRAP_ALGORITHMS } from './crypto'
import type { PrivateHalf } from './crypto-pool'
import { EC_SIGNATURES, signEc, verifyEc } from './elliptic'
import type { KeyBundle, KeyKind } from './model'
import { bytesOf } from './service/token'
import { SIGNATURE_ALGORITHMS, signRsa, verifyRsa } from './signatures'
import {
  type CipherParts,
  type CipherText,
  decryptOct,
  encryptOct,
  HMAC_ALGORITHMS,
  hmac,
  OCT_CIPHERS,
  OCT_WRAP_ALGORITHMS,
  verifyHmac,
} from './symmetric'

/** Lends the private half of a key for one operation. */
export type Lend = <T>(use: (secret: PrivateHalf) => T | Promise<T>) => Promise<T>

type Key = Pick<KeyBundle, 'kty' | 'keySize' | 'crv' | 'publicJwk'>
type Tables = Partial<Record<KeyKind, Record<string, unknown>>>

const WRAPPING: Tables = { RSA: WRAP_ALGORITHMS, oct: OCT_WRAP_ALGORITHMS }
const CIPHERS: Tables = { RSA: WRAP_ALGORITHMS, oct: OCT_CIPHERS }
const SIGNATURES: Tables = { RSA: SIGNATURE_ALGORITHMS, EC: EC_SIGNATURES, oct: HMAC_ALGORITHMS }

const has = (table: Record<string, unknown> | undefined, alg: string) => !!table && Object.hasOwn(table, alg)

/** @throws AppError `BadParameter` for an algorithm that none has, `KeyTypeUnsupported` for one of another key type. */
function checkAlgorithm(tables: Tables, kty: string, alg: string, what: 'encryption' | 'signing'): KeyKind {
  const kind = kty.replace(/-HSM$/, '') as KeyKind
  if (has(tables[kind], alg)) return kind
  const owner = (Object.keys(tables) as KeyKind[]).find((k) => has(tables[k], alg))
  if (!owner) {
    const known = Object.keys(tables[kind] ?? {})
    const advice = known.length ? ` Use one of ${known.join(', ')}.` : ''
    throw new AppError('BadParameter', {
      publicMessage: `The algorithm '${alg.slice(0, 64)}' is not supported.${advice}`,
      field: 'alg',
    })
  }
  const types = owner === 'oct' ? "'oct-HSM'" : `'${owner}' or '${owner}-HSM'`
  throw new AppError('KeyTypeUnsupported', {
    publicMessage: `Key and ${what} algorithm are incompatible. The key is of type '${kty}', and algorithm '${alg}' can only be used with a key of type ${types}.`,
  })
}

export type Operands = CipherParts & { alg: string }

/** Encrypts or wraps; RSA needs its public half only. @throws AppError `BadParameter`, `KeyTypeUnsupported`. */
export async function protect(key: Key, lend: Lend, operation: 'wrapKey' | 'encrypt', input: Operands) {
  const tables = operation === 'wrapKey' ? WRAPPING : CIPHERS
  const kind = checkAlgorithm(tables, key.kty, input.alg, 'encryption')
  if (kind === 'RSA') return { value: encryptRsa(key, input.alg, input.value) }
  const table = operation === 'wrapKey' ? OCT_WRAP_ALGORITHMS : OCT_CIPHERS
  return lend((secret): CipherText => encryptOct(bytesOf(secret), input.alg, table[input.alg]!, input))
}

/** Undoes `protect`. @throws AppError `BadParameter`, `KeyTypeUnsupported`. */
export async function unprotect(key: Key, lend: Lend, operation: 'unwrapKey' | 'decrypt', input: Operands) {
  const tables = operation === 'unwrapKey' ? WRAPPING : CIPHERS
  const kind = checkAlgorithm(tables, key.kty, input.alg, 'encryption')
  if (kind === 'RSA') return lend((pkcs8) => decryptRsa(key, pkcs8, input.alg, input.value))
  const table = operation === 'unwrapKey' ? OCT_WRAP_ALGORITHMS : OCT_CIPHERS
  return lend((secret) => decryptOct(bytesOf(secret), input.alg, table[input.alg]!, input))
}

/** Signs a digest. @throws AppError `BadParameter`, `KeyTypeUnsupported`. */
export async function signWith(key: Key, lend: Lend, alg: string, digest: Uint8Array): Promise<Buffer> {
  const kind = checkAlgorithm(SIGNATURES, key.kty, alg, 'signing')
  return lend((secret) => {
    if (kind === 'RSA') return signRsa(key, secret, alg, digest)
    return kind === 'EC' ? signEc(key, secret, alg, digest) : hmac(bytesOf(secret), alg, digest)
  })
}

/** Whether the signature is the key's own. @throws AppError `BadParameter`, `KeyTypeUnsupported`. */
export async function verifyWith(
  key: Key,
  lend: Lend,
  alg: string,
  digest: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const kind = checkAlgorithm(SIGNATURES, key.kty, alg, 'signing')
  if (kind === 'RSA') return verifyRsa(key, alg, digest, signature)
  if (kind === 'EC') return verifyEc(key, alg, digest, signature)
  return lend((secret) => verifyHmac(bytesOf(secret), alg, digest, signature))
}
