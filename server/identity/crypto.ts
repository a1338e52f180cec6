import { createHash, randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import {
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose'

import { USER_CODE_ALPHABET } from './model'

const deriveKey = promisify<string, Buffer, number, Buffer>(scrypt)
const SALT_BYTES = 16
const HASH_BYTES = 32
const ALG = 'RS256'

/** A fresh client secret: 40 characters of base64url, 240 random bits. Shown once, kept only as a hash. */
export const newClientSecret = (): string => randomBytes(30).toString('base64url')

/** What a device keeps while a person signs in: 256 random bits. */
export const newDeviceCode = (): string => randomBytes(32).toString('base64url')

/** What a person types: eight of 28 letters and digits that are not taken for one another, some 38 bits. */
export const newUserCode = (): string =>
  Array.from({ length: 8 }, () => USER_CODE_ALPHABET[randomInt(USER_CODE_ALPHABET.length)]).join('')

/** A device code as it is kept. */
export const hashCode = (code: string): string => createHash('sha256').update(code).digest('hex')

/** scrypt (N 16384, r 8, p 1) under a fresh salt, as `scrypt$<salt>$<hash>` in base64url. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  const hash = await deriveKey(secret, salt, HASH_BYTES)
  return `scrypt$${salt.toString('base64url')}$${hash.toString('base64url')}`
}

/** Compares in constant time; false for a stored text that is not such a hash. */
export async function verifySecret(secret: string, stored: string): Promise<boolean> {
  const [scheme, salt, hash] = stored.split('$')
  if (scheme !== 'scrypt' || !salt || !hash) return false
  const expected = Buffer.from(hash, 'base64url')
  const actual = await deriveKey(secret, Buffer.from(salt, 'base64url'), expected.length)
  return timingSafeEqual(actual, expected)
}

/** A new RSA-2048 key for tokens: public JWK and private part as PKCS #8 PEM, to be sealed at once. */
export async function generateSigningKey(kid: string): Promise<{ publicJwk: JWK; privatePem: string }> {
  const pair = await generateKeyPair(ALG, { extractable: true })
  const jwk = await exportJWK(pair.publicKey)
  return { publicJwk: { ...jwk, kid, use: 'sig', alg: ALG }, privatePem: await exportPKCS8(pair.privateKey) }
}

/** Signs claims as they are (RS256; header with `kid` and `x5t`, as Azure's tokens have them). */
export async function signToken(privatePem: string, kid: string, claims: JWTPayload): Promise<string> {
  const key = await importPKCS8(privatePem, ALG)
  return new SignJWT(claims).setProtectedHeader({ typ: 'JWT', alg: ALG, kid, x5t: kid }).sign(key)
}

/**
 * Checks signature, issuer, audience, `nbf` and `exp` at `now` with no tolerance.
 * @throws the errors of `jose`, for the caller to name.
 */
export async function openToken(
  token: string,
  options: { publicJwk: JWK; issuer: string; audiences: string[]; now: Date },
): Promise<JWTPayload> {
  const verified = await jwtVerify(token, options.publicJwk, {
    algorithms: [ALG],
    issuer: options.issuer,
    audience: options.audiences,
    currentDate: options.now,
    requiredClaims: ['exp', 'nbf', 'tid', 'oid'],
  })
  return verified.payload
}
