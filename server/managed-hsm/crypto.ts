import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import { CompactEncrypt, calculateJwkThumbprint } from 'jose'
import { AppError } from '@/server/kernel/errors'

export type SecurityDomain = { version: 1; required: number; holders: { thumbprint: string; jwe: string }[] }

const bad = (publicMessage: string) => new AppError('BadParameter', { publicMessage, field: 'publicKeys' })

/**
 * Reads the holders' RSA public keys from PEM (certificates or public keys).
 * @throws AppError `BadParameter` for what is none, is not RSA, is shorter than 2048 bits, or comes twice.
 */
export function readHolderKeys(pems: string[]): KeyObject[] {
  const keys = pems.map(readHolderKey)
  const distinct = new Set(keys.map((key) => key.export({ format: 'der', type: 'spki' }).toString('base64')))
  if (distinct.size < keys.length) throw bad('Each holder needs a key of their own: the same key was given twice.')
  return keys
}

function readHolderKey(pem: string, index: number): KeyObject {
  if (/PRIVATE KEY/.test(pem)) throw bad(`Key ${index + 1} is a private key. Give the public key only.`)
  let key: KeyObject
  try {
    key = createPublicKey(pem)
  } catch {
    throw bad(`Key ${index + 1} is neither a certificate nor a public key in PEM form.`)
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa') throw bad(`Key ${index + 1} is of type ${key.asymmetricKeyType}, not RSA.`)
  if (bits < 2048) throw bad(`Key ${index + 1} has ${bits} bits; at least 2048 are needed.`)
  return key
}

/**
 * Makes a security domain: a fresh 32-byte secret as one JWE (RSA-OAEP-256, A256GCM) for each holder.
 * SIMULATED: each holder's JWE has the whole secret; Azure splits it, so that `required` holders must come together.
 */
export async function makeSecurityDomain(holders: KeyObject[], required: number): Promise<SecurityDomain> {
  const secret = randomBytes(32)
  try {
    const sealed = holders.map(async (key) => ({
      thumbprint: await calculateJwkThumbprint(key.export({ format: 'jwk' })),
      jwe: await new CompactEncrypt(secret).setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' }).encrypt(key),
    }))
    return { version: 1, required, holders: await Promise.all(sealed) }
  } finally {
    secret.fill(0)
  }
}
