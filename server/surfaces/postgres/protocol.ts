/** The parts of PostgreSQL's wire protocol that a gateway must understand (versions 3.0 and 3.2). */
const CANCEL = 80877102
const SSL = 80877103
const GSSENC = 80877104
const MAX_STARTUP_BYTES = 10_000

export type FirstMessage =
  | { kind: 'ssl' }
  | { kind: 'gssenc' }
  /** `key` tells whose query is meant: process number and secret of 4 to 256 bytes. */
  | { kind: 'cancel'; key: string; bytes: Buffer }
  | { kind: 'startup'; version: number; parameters: Map<string, string> }
  | { kind: 'malformed' }

/** Reads a message without a type byte; null while it is not whole. @returns how many bytes it took. */
export function readFirstMessage(bytes: Buffer): { message: FirstMessage; length: number } | null {
  if (bytes.length < 4) return null
  const length = bytes.readInt32BE(0)
  if (length < 8 || length > MAX_STARTUP_BYTES) return { message: { kind: 'malformed' }, length: bytes.length }
  if (bytes.length < length) return null
  const body = bytes.subarray(0, length)
  return { message: parseFirst(body), length }
}

function parseFirst(body: Buffer): FirstMessage {
  const code = body.readInt32BE(4)
  if (code === SSL) return { kind: 'ssl' }
  if (code === GSSENC) return { kind: 'gssenc' }
  if (code === CANCEL) return { kind: 'cancel', key: body.subarray(8).toString('hex'), bytes: Buffer.from(body) }
  if (code >> 16 !== 3) return { kind: 'malformed' }
  const texts = body.subarray(8).toString('utf8').split('\0')
  const parameters = new Map<string, string>()
  for (let i = 0; i + 1 < texts.length && texts[i] !== ''; i += 2) parameters.set(texts[i]!, texts[i + 1]!)
  return { kind: 'startup', version: code, parameters }
}

/** Written anew from what was understood, so that nothing which was not reaches the server. */
export function startupMessage(version: number, parameters: Map<string, string>): Buffer {
  const text = [...parameters].map(([name, value]) => `${name}\0${value}\0`).join('')
  const body = Buffer.from(`${text}\0`)
  const head = Buffer.alloc(8)
  head.writeInt32BE(8 + body.length, 0)
  head.writeInt32BE(version, 4)
  return Buffer.concat([head, body])
}

/** A FATAL error in the form that clients show. */
export function fatal(error: { sqlState: string; message: string; detail?: string; hint?: string }): Buffer {
  const fields: [string, string | undefined][] = [
    ['S', 'FATAL'],
    ['V', 'FATAL'],
    ['C', error.sqlState],
    ['M', error.message],
    ['D', error.detail],
    ['H', error.hint],
  ]
  const text = fields.map(([code, value]) => (value ? `${code}${value.replaceAll('\0', '')}\0` : '')).join('')
  const body = Buffer.from(`${text}\0`)
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(4 + body.length, 1)
  return Buffer.concat([head, body])
}

const BACKEND_KEY_DATA = 0x4b
const MAX_KEY_BYTES = 264

/** Follows a server's messages so that one of ours can be put between two of them, and sees the key for cancelling. */
export class Frames {
  private head = Buffer.alloc(0)
  private left = 0
  private key: Buffer[] | null = null
  constructor(private readonly onKey: (key: string) => void) {}

  /** Whether all that was fed ends where a message ends. */
  get atBoundary(): boolean {
    return this.left === 0 && this.head.length === 0
  }

  /** @returns the offset in `chunk` behind the first message that ends in it; -1 when none does. */
  feed(chunk: Buffer): number {
    let at = 0
    let firstEnd = -1
    while (at < chunk.length) {
      if (this.left === 0) {
        const needed = 5 - this.head.length
        const part = chunk.subarray(at, at + needed)
        this.head = Buffer.concat([this.head, part])
        at += part.length
        if (this.head.length < 5) break
        this.left = Math.max(0, this.head.readInt32BE(1) - 4)
        this.key = this.head[0] === BACKEND_KEY_DATA && this.left <= MAX_KEY_BYTES ? [] : null
        this.head = Buffer.alloc(0)
      }
      const taken = Math.min(this.left, chunk.length - at)
      this.key?.push(Buffer.from(chunk.subarray(at, at + taken)))
      this.left -= taken
      at += taken
      if (this.left > 0) break
      if (firstEnd < 0) firstEnd = at
      if (this.key) this.onKey(Buffer.concat(this.key).toString('hex'))
      this.key = null
    }
    return firstEnd
  }
}
