import { constants, createHash } from 'node:crypto'

/** MGF1 (RFC 8017, B.2.1). */
export function mask(hash: string, seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = []
  for (let i = 0, made = 0; made < length; i++) {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(i)
    const block = createHash(hash).update(seed).update(counter).digest()
    blocks.push(block)
    made += block.length
  }
  return Buffer.concat(blocks).subarray(0, length)
}

export const xor = (a: Uint8Array, b: Uint8Array): Buffer => Buffer.from(a.map((byte, i) => byte ^ b[i]!))

/** 1 where two bytes are the same, else 0; without a branch. */
const same = (a: number, b: number): number => (((a ^ b) - 1) >> 31) & 1

/**
 * Takes OAEP padding off (RFC 8017, 7.1.2, empty label); null when it is none. Which byte was wrong shows neither in
 * the answer nor in how much is done: every byte is looked at, and the verdict is one at the end (Manger's attack).
 */
export function unpadOaep(block: Buffer, hash: string): Buffer | null {
  const label = createHash(hash).digest()
  const length = label.length
  const masked = block.subarray(1 + length)
  const seed = xor(block.subarray(1, 1 + length), mask(hash, masked, length))
  const data = xor(masked, mask(hash, seed, masked.length))
  let bad = block[0]!
  for (let i = 0; i < length; i++) bad |= data[i]! ^ label[i]!
  let found = 0
  let start = 0
  for (let i = length; i < data.length; i++) {
    const one = same(data[i]!, 1) & (found ^ 1)
    start |= i & -one
    found |= one
    // Before the one that ends it, padding is zeros.
    bad |= data[i]! & -(found ^ 1)
  }
  bad |= found ^ 1
  return bad === 0 ? data.subarray(start + 1) : null
}

/** Block type 1 of PKCS #1 v1.5 (RFC 8017, 9.2), as a signature is made of. */
export function padSignature(input: Uint8Array, bytes: number): Buffer {
  const fill = Buffer.alloc(bytes - 3 - input.length, 0xff)
  return Buffer.concat([Buffer.from([0, 1]), fill, Buffer.from([0]), input])
}

/** What node's OpenSSL does with a private key and padding, where the bare operation lies elsewhere. */
export async function rsaPadded(
  job: { input: Uint8Array; padding: number; oaepHash?: string; direction: 'decrypt' | 'encrypt' },
  rsa: (block: Uint8Array) => Promise<Buffer | null>,
  bytes: number,
): Promise<Buffer | null> {
  if (job.padding === constants.RSA_NO_PADDING) return rsa(job.input)
  if (job.direction === 'encrypt') return rsa(padSignature(job.input, bytes))
  const block = await rsa(job.input)
  return block && unpadOaep(block, job.oaepHash!)
}
