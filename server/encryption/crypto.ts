import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import { AppError } from '@/server/kernel/errors'
import { DEK_BYTES, type Envelope, type EnvelopeHeader, KEY_CHECK_BYTES } from './model'

/** A fresh 256-bit data encryption key. The caller zeroes it after use. */
export const generateDek = (): Buffer => randomBytes(DEK_BYTES)

/** A 32-byte key for one purpose, so that the DEK itself is never used twice. */
const subkey = (dek: Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', dek, '', `portcullis/dek/${purpose}`, 32))

/** 8 bytes that tell the right DEK from a wrong one and nothing else about it. */
export const keyCheckValue = (dek: Uint8Array): Buffer =>
  createHmac('sha256', subkey(dek, 'key-check')).update('key check value').digest().subarray(0, KEY_CHECK_BYTES)

/** Binds header and wrapped bytes to the DEK: an envelope whose server, role, key or bytes were changed does not open. */
export function envelopeMac(dek: Uint8Array, header: EnvelopeHeader, wrapped: Uint8Array): Buffer {
  const mac = createHmac('sha256', subkey(dek, 'envelope'))
  for (const part of [header.serverId, header.role, String(header.sequence), header.kid, header.algorithm]) {
    const bytes = Buffer.from(part)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    mac.update(length).update(bytes)
  }
  return mac.update(wrapped).digest()
}

/**
 * Checks an unwrapped DEK against its envelope.
 * @throws AppError `EnvelopeCorrupt` when it is not the DEK that was sealed here, or the envelope was changed.
 */
export function verifyEnvelope(dek: Uint8Array, envelope: Envelope): void {
  if (dek.length !== DEK_BYTES)
    throw corrupt(envelope, `the unwrapped key has ${dek.length} bytes instead of ${DEK_BYTES}`)
  if (!sameBytes(keyCheckValue(dek), envelope.keyCheckValue)) throw corrupt(envelope, 'the key check value differs')
  if (!sameBytes(envelopeMac(dek, envelope, envelope.wrappedDek), envelope.mac))
    throw corrupt(envelope, 'its header was changed')
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

const corrupt = (envelope: Envelope, why: string) =>
  new AppError('EnvelopeCorrupt', {
    publicMessage: `The ${envelope.role} data key of this server cannot be trusted: ${why}. Restore the server from a backup.`,
  })

const NONCE_BYTES = 12
const TAG_BYTES = 16

/**
 * Seals a small thing with a server's DEK: nonce(12) | tag(16) | ciphertext, AES-256-GCM under a key for `purpose`.
 * @param context bound as associated data, so that the bytes open for the same server only.
 */
export function sealUnderDek(dek: Uint8Array, purpose: string, context: string, plain: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', subkey(dek, purpose), nonce).setAAD(Buffer.from(context))
  const body = Buffer.concat([cipher.update(plain), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), body])
}

/** @throws AppError `EnvelopeCorrupt` when the bytes were changed, or another DEK, purpose or context sealed them. */
export function openUnderDek(dek: Uint8Array, purpose: string, context: string, sealed: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed)
  if (bytes.length < NONCE_BYTES + TAG_BYTES) throw unreadable(purpose)
  const decipher = createDecipheriv('aes-256-gcm', subkey(dek, purpose), bytes.subarray(0, NONCE_BYTES))
  decipher.setAAD(Buffer.from(context)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()])
  } catch {
    throw unreadable(purpose)
  }
}

const unreadable = (purpose: string) =>
  new AppError('EnvelopeCorrupt', {
    publicMessage: `What the data key sealed (${purpose}) does not open: restore the server from a backup.`,
  })
