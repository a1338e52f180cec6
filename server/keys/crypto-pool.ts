import { cpus } from 'node:os'
import { Worker } from 'node:worker_threads'

/**
 * RSA with a private key takes milliseconds and node:crypto does it on the calling thread only, so it is done on
 * worker threads. The worker is a string: it must run alike from sources, from a bundle and from tests.
 */
const WORKER = `
const { parentPort } = require('node:worker_threads')
const { createPrivateKey, privateDecrypt, privateEncrypt } = require('node:crypto')
parentPort.on('message', ({ id, pkcs8, input, padding, oaepHash, direction }) => {
  const der = Buffer.from(pkcs8)
  try {
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    const run = direction === 'decrypt' ? privateDecrypt : privateEncrypt
    const output = run({ key, padding, ...(oaepHash ? { oaepHash } : {}) }, input)
    parentPort.postMessage({ id, output })
  } catch {
    parentPort.postMessage({ id, output: null })
  } finally {
    der.fill(0)
  }
})`

export type PrivateJob = {
  pkcs8: Uint8Array
  input: Uint8Array
  /** A `crypto.constants.RSA_*_PADDING`. */
  padding: number
  oaepHash?: string
  direction: 'decrypt' | 'encrypt'
}
type Answer = { id: number; output: Uint8Array | null }
type Member = { worker: Worker; waiting: Map<number, (output: Buffer | null) => void> }

const SIZE = Math.max(1, Math.min(4, cpus().length))
const members: Member[] = []
let lastId = 0

/** Runs one RSA operation with a private key on another thread; null when the bytes do not decrypt under the key. */
export function runPrivateJob(job: PrivateJob): Promise<Buffer | null> {
  const member = leastBusy()
  const id = ++lastId
  return new Promise((resolve) => {
    member.waiting.set(id, resolve)
    // Held only while it works, so that an idle pool never keeps a process alive.
    member.worker.ref()
    member.worker.postMessage({ id, ...job })
  })
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
