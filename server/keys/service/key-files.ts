import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import forge from 'node-forge'
import { AppError } from '@/server/kernel/errors'
import type { KeyBundle } from '../model'

const bad = (publicMessage: string, cause?: unknown) =>
  new AppError('BadParameter', { publicMessage, field: 'file', cause })

/** The public half of a key as a PEM file holds it. @throws AppError `BadParameter` for a symmetric key, which has none. */
export function publicPem({ publicJwk }: Pick<KeyBundle, 'publicJwk'>): string {
  const { kty, crv } = publicJwk
  if (kty === 'oct') throw bad('A symmetric key has no public half.')
  const jwk = { ...publicJwk, ...(crv === 'P-256K' && { crv: 'secp256k1' }) }
  return createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'pem', type: 'spki' }).toString()
}

/** What a file brings: a private key in the clear, or one wrapped under a key exchange key, which only its store opens. */
export type KeyFile = { kind: 'jwk'; jwk: { kty: string } } | { kind: 'transfer' }

/**
 * Tells what a key file is by what is in it, and opens it: PEM, JWK, `.byok` or `.pfx`.
 * @param password of an encrypted PEM file or a `.pfx` file; empty for none.
 * @throws AppError `BadParameter` (what is none of them, another password, no private key in it).
 */
export function readKeyFile(file: Uint8Array, password: string): KeyFile {
  const text = Buffer.from(file).toString('latin1')
  if (text.includes('-----BEGIN ')) return { kind: 'jwk', jwk: readPem(text, password) }
  if (/^\s*\{/.test(text)) return readJson(text)
  return { kind: 'jwk', jwk: readPfx(file, password) }
}

function readPem(text: string, passphrase: string): { kty: string } {
  const pem = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\S]+?-----END (?:[A-Z]+ )*PRIVATE KEY-----/.exec(text)?.[0]
  if (!pem) throw bad('The file holds no private key.')
  try {
    return toJwk(createPrivateKey({ key: pem, format: 'pem', passphrase }))
  } catch (cause) {
    throw bad(
      'The private key in the file does not open: its password is another one, or a vault takes no such key.',
      cause,
    )
  }
}

function readJson(text: string): KeyFile {
  const json = parseJson(text)
  if ('schema_version' in json) return { kind: 'transfer' }
  if (typeof json.kty !== 'string' || !('d' in json || 'k' in json))
    throw bad('The file is JSON, but neither a private key as JWK nor a transfer file (.byok).')
  return { kind: 'jwk', jwk: { ...json, kty: json.kty } }
}

function parseJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw bad('The file begins like JSON and is none.', cause)
  }
}

/** Key Vault's P-256K is the curve that JOSE calls secp256k1. */
function toJwk(key: KeyObject): { kty: string } {
  const jwk = key.export({ format: 'jwk' })
  return { ...jwk, kty: jwk.kty!, ...(jwk.crv === 'secp256k1' && { crv: 'P-256K' }) }
}

/**
 * Opens a `.pfx` file (PKCS#12) and gives its private key as a JWK for `import`, as the tools of Azure do on the client's
 * side. @throws AppError `BadParameter` (password, no such file, no private key in it).
 */
export function readPfx(file: Uint8Array, password: string): { kty: string } {
  const key = privateKeyOf(open(file, password))
  if (!key) throw bad('The file holds no private key.')
  const der = Buffer.from(forge.asn1.toDer(key).getBytes(), 'binary')
  try {
    return toJwk(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }))
  } catch (cause) {
    throw bad('The private key in the file is of a type that a vault does not take.', cause)
  } finally {
    der.fill(0)
  }
}

function open(file: Uint8Array, password: string): forge.pkcs12.Pkcs12Pfx {
  try {
    return forge.pkcs12.pkcs12FromAsn1(forge.asn1.fromDer(Buffer.from(file).toString('binary')), password)
  } catch (cause) {
    throw bad('The file does not open: it is no .pfx file, or the password is another one.', cause)
  }
}

/** PKCS#8 as a structure; forge reads RSA keys itself and leaves the others as they are. */
function privateKeyOf(pfx: forge.pkcs12.Pkcs12Pfx): forge.asn1.Asn1 | null {
  for (const type of [forge.pki.oids.pkcs8ShroudedKeyBag!, forge.pki.oids.keyBag!]) {
    const bag = pfx.getBags({ bagType: type })[type]?.[0]
    if (bag?.key) return forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key))
    if (bag?.asn1) return bag.asn1
  }
  return null
}
