import { cpus } from 'node:os'
import { Worker } from 'node:worker_threads'
import { rsaPadded } from './padding'
import type { TokenKey } from './token'

/**
 * How long a worker keeps a key ready after its last use, in real time: reading one and making it ready takes longer than
 * an operation of 2048 bits. Whether it may be used was decided before the job came, and its bytes come with each job.
 */
const KEPT_MS = 5000

/**
 * Work with a private key takes milliseconds and node:crypto does it on the calling thread only, so it is done on
 * worker threads. The worker is a string: it must run alike from sources, from a bundle and from tests. OpenSSL's
 * doors in node hash whatever they sign with an elliptic curve; a key store signs a digest as it comes, which noble does.
 */
const WORKER = `
const KEPT_MS = ${KEPT_MS}
const { parentPort } = require('node:worker_threads')
const { createHash, createPrivateKey, privateDecrypt, privateEncrypt } = require('node:crypto')
const ready = new Map()
const open = (der) => {
  const id = createHash('sha256').update(der).digest('base64')
  const known = ready.get(id)
  if (known) clearTimeout(known.timer)
  const key = known ? known.key : createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  ready.set(id, { key, timer: setTimeout(() => ready.delete(id), KEPT_MS).unref() })
  return key
}
const curve = (name) => {
  const { p256, p384, p521 } = require('@noble/curves/nist.js')
  const { secp256k1 } = require('@noble/curves/secp256k1.js')
  return { 'P-256': p256, 'P-384': p384, 'P-521': p521, 'P-256K': secp256k1 }[name]
}
const AS_IS = { prehash: false, lowS: false }
const WORK = {
  rsa({ input, padding, oaepHash, direction }, key) {
    const run = direction === 'decrypt' ? privateDecrypt : privateEncrypt
    return run({ key, padding, ...(oaepHash ? { oaepHash } : {}) }, input)
  },
  'ec-sign'({ crv, input }, key) {
    const d = Buffer.from(key.export({ format: 'jwk' }).d, 'base64url')
    try {
      return curve(crv).sign(input, d, AS_IS)
    } finally {
      d.fill(0)
    }
  },
  'ec-verify': ({ crv, input, point, signature }) =>
    Uint8Array.of(curve(crv).verify(signature, input, point, AS_IS) ? 1 : 0),
}
parentPort.on('message', ({ id, ...job }) => {
  const der = job.pkcs8 && Buffer.from(job.pkcs8.buffer, job.pkcs8.byteOffset, job.pkcs8.byteLength)
  try {
    const key = der && open(der)
    parentPort.postMessage({ id, output: WORK[job.kind](job, key) })
  } catch {
    parentPort.postMessage({ id, output: null })
  } finally {
    der?.fill(0)
  }
})`

/** A private half as it is lent for one operation: PKCS#8, the bytes of a symmetric key, or a key in a token. */
export type PrivateHalf = Uint8Array | TokenKey

export type KeyJob =
  | {
      kind: 'rsa'
      pkcs8: PrivateHalf
      modulusBytes: number
      input: Uint8Array
      /** A `crypto.constants.RSA_*_PADDING`. */
      padding: number
      oaepHash?: string
      direction: 'decrypt' | 'encrypt'
    }
  | { kind: 'ec-sign'; pkcs8: PrivateHalf; crv: string; input: Uint8Array }
  /** `point`: 04, x, y. The output is one byte: 1 for a signature that is the key's. */
  | { kind: 'ec-verify'; crv: string; point: Uint8Array; input: Uint8Array; signature: Uint8Array }
type Answer = { id: number; output: Uint8Array | null }
type Member = { worker: Worker; waiting: Map<number, (output: Buffer | null) => void> }

const SIZE = Math.max(1, Math.min(4, cpus().length))
const members: Member[] = []
let lastId = 0

/** Runs one operation with a key on another thread; null when the bytes do not fit the key. */
export function runKeyJob(job: KeyJob): Promise<Buffer | null> {
  if ('pkcs8' in job && !(job.pkcs8 instanceof Uint8Array)) return runInToken(job, job.pkcs8)
  const member = leastBusy()
  const id = ++lastId
  return new Promise((resolve) => {
    member.waiting.set(id, resolve)
    // Held only while it works, so that an idle pool never keeps a process alive.
    member.worker.ref()
    member.worker.postMessage({ id, ...job })
  })
}

function runInToken(job: Exclude<KeyJob, { kind: 'ec-verify' }>, key: TokenKey): Promise<Buffer | null> {
  return job.kind === 'rsa' ? rsaPadded(job, key.rsa, job.modulusBytes) : key.ecSign(job.input)
}

function leastBusy(): Member {
  const idle = members.find((m) => m.waiting.size === 0)
  if (idle) return idle
  if (members.length < SIZE) return start()
  return members.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a))
}

function start(): Member {
  const member: Member = { worker: new Worker(WORKER, { eval: true, name: 'key-operations' }), waiting: new Map() }
  member.worker.unref()
  member.worker.on('message', ({ id, output }: Answer) => {
    const resolve = member.waiting.get(id)
    member.waiting.delete(id)
    if (member.waiting.size === 0) member.worker.unref()
    resolve?.(output && Buffer.from(output))
  })
  member.worker.on('exit', () => {
    members.splice(members.indexOf(member), 1)
    for (const resolve of member.waiting.values()) resolve(null)
  })
  member.worker.on('error', () => undefined)
  members.push(member)
  return member
}
