import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { subkey } from '@/server/encryption/crypto'
import { AppError } from '@/server/kernel/errors'

const NONCE_BYTES = 12
const TAG_BYTES = 16

/** Seals the administrator's verifier with the server's DEK: without the key nobody, the service included, can read it. */
export function sealVerifier(dek: Buffer, serverId: string, verifier: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', subkey(dek, 'administrator'), nonce).setAAD(
    Buffer.from(serverId.toLowerCase()),
  )
  const body = Buffer.concat([cipher.update(verifier), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

/** @throws AppError `EnvelopeCorrupt` when the bytes were changed or another DEK sealed them. */
export function openVerifier(dek: Buffer, serverId: string, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed)
  const decipher = createDecipheriv('aes-256-gcm', subkey(dek, 'administrator'), bytes.subarray(0, NONCE_BYTES))
  decipher.setAAD(Buffer.from(serverId.toLowerCase())).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
  } catch {
    throw new AppError('EnvelopeCorrupt', {
      publicMessage: 'The sealed administrator credential does not open: restore the server from a backup.',
    })
  }
}
