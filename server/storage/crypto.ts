import { createCipheriv, createDecipheriv, hkdfSync, timingSafeEqual } from 'node:crypto'
import { BLOCK_BYTES, CHECK_BYTES, UNIT_BYTES } from './model'

const INFO = 'portcullis sealed file v1'
const XTS_KEY_BYTES = 64

/** The two AES-256 keys of XTS, and the value that tells a wrong DEK or a changed id. `key` is secret: wipe it. */
export type FileKeys = { key: Buffer; check: Buffer }

/** Keys of one file: HKDF-SHA512 of the DEK (32 bytes), salted with the file's id (16 bytes). */
export function deriveFileKeys(dek: Buffer, id: Buffer): FileKeys {
  const output = Buffer.from(hkdfSync('sha512', dek, id, INFO, XTS_KEY_BYTES + CHECK_BYTES))
  return { key: output.subarray(0, XTS_KEY_BYTES), check: output.subarray(XTS_KEY_BYTES) }
}

export const isSameCheck = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other)

/**
 * Seals bytes that stand at `offset` of a file; the result has the same length.
 * `offset` is a multiple of 8 KiB, and so is the length unless the bytes end with the file.
 */
export const sealBytes = (key: Buffer, bytes: Buffer, offset: number): Buffer => transform(key, bytes, offset, seal)

/** The opposite of `sealBytes`. Never fails: bytes that were changed open to other bytes. */
export const openBytes = (key: Buffer, bytes: Buffer, offset: number): Buffer => transform(key, bytes, offset, open)

type Direction = (key: Buffer, tweak: Buffer, bytes: Buffer) => Buffer
const seal: Direction = (key, tweak, bytes) => createCipheriv('aes-256-xts', key, tweak).update(bytes)
const open: Direction = (key, tweak, bytes) => createDecipheriv('aes-256-xts', key, tweak).update(bytes)

function transform(key: Buffer, bytes: Buffer, offset: number, direction: Direction): Buffer {
  const result = Buffer.allocUnsafe(bytes.length)
  for (let at = 0; at < bytes.length; at += UNIT_BYTES) {
    const part = bytes.subarray(at, at + UNIT_BYTES)
    const unit = (offset + at) / UNIT_BYTES
    const whole = part.length - (part.length % BLOCK_BYTES)
    if (whole > 0) direction(key, tweakOf(unit), part.subarray(0, whole)).copy(result, at)
    if (whole < part.length) tail(key, unit, whole, part.subarray(whole)).copy(result, at + whole)
  }
  return result
}

function tweakOf(unit: number): Buffer {
  const tweak = Buffer.alloc(BLOCK_BYTES)
  tweak.writeBigUInt64LE(BigInt(unit))
  return tweak
}

/** A file's last bytes that make no block: XORed with a keystream, for sealing and opening alike. */
function tail(key: Buffer, unit: number, start: number, bytes: Buffer): Buffer {
  const tweak = tweakOf(unit)
  tweak.writeUInt16LE(start / BLOCK_BYTES, 8)
  tweak[15] = 1
  const stream = seal(key, tweak, Buffer.alloc(BLOCK_BYTES))
  return Buffer.from(bytes.map((byte, i) => byte ^ stream[i]!))
}
