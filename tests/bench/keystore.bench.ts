import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'
import { request as httpsRequest } from 'node:https'
import { cpus } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { afterAll, expect, test } from 'vitest'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createResourceGroup } from '@/server/identity/service'
import { monotonicMs } from '@/server/kernel/time'
import { generateMaterial } from '@/server/keys/crypto'
import { signWith, unprotect } from '@/server/keys/operations'
import { createVault, vaultKeys } from '@/server/keyvault/service'
import { LOCATION, startSurfaces, vaultInput } from '../support/key-stores'
import { SUBSCRIPTION_ID, testTenant } from '../support/tenant'

/**
 * Operations per second, many at a time: node:crypto alone on every core, our operations without a store, the service in
 * process, and the same over HTTPS; with the event loop's delay beside each.
 */
const AT_ONCE = 8
const SPAN_MS = 1500
const tenant = await testTenant()
const { service, as } = tenant
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: LOCATION })
const surfaces = await startSurfaces(tenant)
const app = await surfaces.signUp('bench')
const vault = await createVault(service, vaultInput('bench-kv'))
await assignRole(service, {
  scope: vault.id,
  roleDefinitionId: ROLE_IDS.keyVaultCryptoOfficer,
  principalId: app.principal.objectId,
})
const keys = vaultKeys(as(app.principal), 'bench-kv')
const { token } = await app.credential.getToken(`https://vault.localhost:${surfaces.port}/.default`)

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
const dek = randomBytes(32)
const digest = randomBytes(32)

/** Processor time of this process and all its threads, which other work on the machine does not change. */
function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Keeps `AT_ONCE` pieces of work going, and counts what is done in the span. */
type Cell = { perSecond: number; cpuMs: number; delayMs?: number }

async function rate(work: () => Promise<unknown>): Promise<Cell> {
  await work()
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const before = process.cpuUsage()
  const start = monotonicMs()
  let done = 0
  const one = async () => {
    while (monotonicMs() - start < SPAN_MS) {
      await work()
      done++
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, one))
  const perSecond = (done * 1000) / (monotonicMs() - start)
  delay.disable()
  return { perSecond, cpuMs: cpuSince(before) / done, delayMs: delay.percentile(99) / 1e6 }
}

/** The same work by node:crypto alone, one thread a core, each with the key at hand. */
const RAW = `
const { parentPort, workerData: w } = require('node:worker_threads')
const { createPrivateKey, privateDecrypt, privateEncrypt, constants } = require('node:crypto')
const key = createPrivateKey({ key: Buffer.from(w.pkcs8), format: 'der', type: 'pkcs8' })
const run = w.what === 'unwrap'
  ? () => privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, w.input)
  : () => privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, w.input)
run()
const start = performance.now()
let done = 0
while (performance.now() - start < ${SPAN_MS}) { run(); done++ }
parentPort.postMessage((done * 1000) / (performance.now() - start))`

async function raw(what: 'unwrap' | 'sign', pkcs8: Uint8Array, input: Uint8Array): Promise<Cell> {
  const before = process.cpuUsage()
  const rates = cpus().map(
    () =>
      new Promise<number>((resolve, reject) => {
        const worker = new Worker(RAW, { eval: true, workerData: { what, pkcs8, input } })
        worker.once('message', resolve).once('error', reject)
      }),
  )
  const perSecond = (await Promise.all(rates)).reduce((a, b) => a + b)
  return { perSecond, cpuMs: cpuSince(before) / ((perSecond * SPAN_MS) / 1000) }
}

function post(path: string, body?: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = httpsRequest(
      `${surfaces.origin('vault', 'bench-kv')}${path}?api-version=7.4`,
      {
        agent: surfaces.agent,
        method: body ? 'POST' : 'GET',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      },
      (response) => {
        response
          .resume()
          .once('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${response.statusCode}`))))
      },
    )
    sent.on('error', reject)
    sent.end(body && JSON.stringify(body))
  })
}

const lines: string[] = []
afterAll(() =>
  console.log(
    `${cpus().length} x ${cpus()[0]?.model}, ${AT_ONCE} at once: per second, processor time of one (event loop p99)\n${lines.join('\n')}`,
  ),
)
const text = ([name, { perSecond, cpuMs, delayMs }]: [string, Cell]) =>
  `${name} ${perSecond.toFixed(0)}/s ${cpuMs.toFixed(2)} ms${delayMs === undefined ? '' : ` (${delayMs.toFixed(0)} ms)`}`
const tell = (what: string, cells: Record<string, Cell>) =>
  lines.push(`${what.padEnd(14)}${Object.entries(cells).map(text).join(', ')}`)

test.each([2048, 3072, 4096])(
  'RSA %i bits',
  async (keySize) => {
    const name = `rsa-${keySize}`
    const material = await generateMaterial({ kind: 'RSA', keySize, crv: null })
    const facts = { kty: 'RSA', keySize, crv: null, publicJwk: material.publicJwk }
    const lend = async <T>(use: (secret: Buffer) => T | Promise<T>): Promise<T> => use(material.secret)
    const key = await keys.create({ name, kty: 'RSA', keySize })
    const value = publicEncrypt({ key: createPublicKey({ key: { ...key.publicJwk }, format: 'jwk' }), ...OAEP }, dek)
    const mine = publicEncrypt(
      { key: createPublicKey({ key: { ...material.publicJwk }, format: 'jwk' }), ...OAEP },
      dek,
    )
    const request = { name, version: key.version, alg: 'RSA-OAEP-256' }
    const path = (word: string) => `/keys/${name}/${key.version}/${word}`
    const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
    tell(`get ${keySize}`, {
      service: await rate(() => keys.get(name, key.version)),
      https: await rate(() => post(`/keys/${name}/${key.version}`)),
    })
    tell(`wrap ${keySize}`, {
      service: await rate(() => keys.wrap({ ...request, value: dek })),
      https: await rate(() => post(path('wrapkey'), { alg: 'RSA-OAEP-256', value: b64(dek) })),
    })
    tell(`unwrap ${keySize}`, {
      raw: await raw('unwrap', material.secret, mine),
      operations: await rate(() => unprotect(facts, lend, 'unwrapKey', { alg: 'RSA-OAEP-256', value: mine })),
      service: await rate(() => keys.unwrap({ ...request, value })),
      https: await rate(() => post(path('unwrapkey'), { alg: 'RSA-OAEP-256', value: b64(value) })),
    })
    tell(`sign ${keySize}`, {
      raw: await raw('sign', material.secret, digest),
      operations: await rate(() => signWith(facts, lend, 'RS256', digest)),
      service: await rate(() => keys.sign({ ...request, alg: 'RS256', digest })),
      https: await rate(() => post(path('sign'), { alg: 'RS256', value: b64(digest) })),
    })
    // Not a race: only that what is compared did its work.
    expect((await keys.unwrap({ ...request, value })).value).toEqual(dek)
  },
  120_000,
)
