import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto'
import { cpus } from 'node:os'
import { expect, test } from 'vitest'
import { monotonicMs } from '@/server/kernel/time'
import { vaultKeys } from '@/server/keyvault/service'
import { testWorld, VAULT } from '../support/world'

/**
 * Wrap and unwrap of a data key through the whole stack, beside raw node:crypto, interleaved in one run. The time of the
 * processor says what the work costs, the time of the wall what a caller waits for, which other work on the machine makes
 * longer. The database's own processor time is not in it.
 */
const ROUNDS = 40
const world = await testWorld()
const identity = await world.makeIdentity('id-bench')
await world.grant(identity.principalId)

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

type Samples = { wallMs: number[]; cpuMs: number }

async function timed(samples: Samples, work: () => unknown): Promise<void> {
  const [start, used] = [monotonicMs(), process.cpuUsage()]
  await work()
  const { user, system } = process.cpuUsage(used)
  samples.wallMs.push(monotonicMs() - start)
  samples.cpuMs += (user + system) / 1000
}

test.each([2048, 3072, 4096])('RSA %i bits: the whole stack against raw node:crypto', async (bits) => {
  const name = `bench-${bits}`
  const ctx = await world.ctx()
  await vaultKeys(ctx, VAULT).create({ name, kty: 'RSA', keySize: bits })
  const raw = generateKeyPairSync('rsa', { modulusLength: bits })
  const wrapper = await world.engine.wiring.keyAccess.wrapperFor(ctx, { identityId: identity.id, principalId: null })
  const { kid } = await wrapper.describeKey(`https://${VAULT}.vault.localhost/keys/${name}`)
  const dek = randomBytes(32)
  const { wrapped } = await wrapper.wrapKey(kid, dek)
  const rawWrapped = publicEncrypt({ key: raw.publicKey, ...OAEP }, dek)
  const none = (): Samples => ({ wallMs: [], cpuMs: 0 })
  const [rawWrap, stackWrap, rawUnwrap, stackUnwrap] = [none(), none(), none(), none()]
  for (let i = 0; i < ROUNDS; i++) {
    await timed(rawWrap, () => publicEncrypt({ key: raw.publicKey, ...OAEP }, dek))
    await timed(stackWrap, () => wrapper.wrapKey(kid, dek))
    await timed(rawUnwrap, () => privateDecrypt({ key: raw.privateKey, ...OAEP }, rawWrapped))
    await timed(stackUnwrap, () => wrapper.unwrapKey(kid, wrapped))
  }
  const compared = (what: string, stack: Samples, alone: Samples): string => {
    const [wall, rawWall] = [median(stack.wallMs), median(alone.wallMs)]
    const [cpu, rawCpu] = [stack.cpuMs / ROUNDS, alone.cpuMs / ROUNDS]
    return `${what}: ${wall.toFixed(2)} / ${rawWall.toFixed(3)} ms waited = ${(wall / rawWall).toFixed(1)}x, ${cpu.toFixed(2)} / ${rawCpu.toFixed(3)} ms of processor = ${(cpu / rawCpu).toFixed(1)}x`
  }
  console.log(`${bits} bits on ${cpus().length} x ${cpus()[0]?.model}, stack / raw node:crypto, ${ROUNDS} rounds`)
  console.log(compared('  wrap', stackWrap, rawWrap))
  console.log(compared('  unwrap', stackUnwrap, rawUnwrap))
  // Not a race: only that both sides did the work that is compared.
  const opened = await wrapper.unwrapKey(kid, wrapped)
  expect(opened.equals(dek)).toBe(true)
})
