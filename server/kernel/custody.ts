import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { AppError } from './errors'

const VERSION = 1
const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Seals small secrets that must lie in the database (private keys, verifiers) under a master key that does not.
 * Sealed form: version(1) | nonce(12) | tag(16) | ciphertext, AES-256-GCM under HKDF-SHA256(master, purpose).
 */
export type Custody = {
  /** @param context bound as associated data: the sealed bytes open only under the same context. */
  seal(purpose: string, context: string, plain: Uint8Array): Uint8Array<ArrayBuffer>
  /** @throws AppError `EnvelopeCorrupt` when the bytes, the context or the master key do not match. */
  open(purpose: string, context: string, sealed: Uint8Array): Buffer
  /** A 32-byte key for one purpose, derived from the master key. */
  deriveKey(purpose: string): Buffer
}

export function createCustody(masterKey: Buffer): Custody {
  if (masterKey.length !== 32) throw new Error(`The master key must have 32 bytes, not ${masterKey.length}.`)
  const deriveKey = (purpose: string) => Buffer.from(hkdfSync('sha256', masterKey, '', `portcullis/${purpose}`, 32))
  return {
    deriveKey,
    seal(purpose, context, plain) {
      const nonce = randomBytes(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', deriveKey(purpose), nonce).setAAD(Buffer.from(context))
      const body = Buffer.concat([cipher.update(plain), cipher.final()])
      return Uint8Array.from(Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), body]))
    },
    open(purpose, context, sealed) {
      const bytes = Buffer.from(sealed)
      if (bytes.length < 1 + NONCE_BYTES + TAG_BYTES || bytes[0] !== VERSION) throw corrupt(purpose)
      const nonce = bytes.subarray(1, 1 + NONCE_BYTES)
      const tag = bytes.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', deriveKey(purpose), nonce)
      decipher.setAAD(Buffer.from(context)).setAuthTag(tag)
      try {
        return Buffer.concat([decipher.update(bytes.subarray(1 + NONCE_BYTES + TAG_BYTES)), decipher.final()])
      } catch {
        throw corrupt(purpose)
      }
    },
  }
}

const corrupt = (purpose: string) =>
  new AppError('EnvelopeCorrupt', {
    publicMessage: `A sealed ${purpose} cannot be opened: its bytes were changed, or the master key is not the one it was sealed under.`,
  })
