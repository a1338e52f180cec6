import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt, randomBytes } from 'node:crypto'
import { cpus } from 'node:os'
import { expect, test } from 'vitest'
import { monotonicMs } from '@/server/kernel/time'
import { vaultKeys } from '@/server/keyvault/service'
import { testWorld, VAULT } from '../support/world'

/** Wrap and unwrap of a data key through the whole stack, beside raw node:crypto, interleaved in one run. */
const ROUNDS = 40
const world = await testWorld()
const identity = await world.makeIdentity('id-bench')
await world.grant(identity.principalId)

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

async function timed(samples: number[], work: () => unknown): Promise<void> {
  const start = monotonicMs()
  await work()
  samples.push(monotonicMs() - start)
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
  const ms = { rawWrap: [], stackWrap: [], rawUnwrap: [], stackUnwrap: [] } as Record<string, number[]>
  for (let i = 0; i < ROUNDS; i++) {
    await timed(ms.rawWrap!, () => publicEncrypt({ key: raw.publicKey, ...OAEP }, dek))
    await timed(ms.stackWrap!, () => wrapper.wrapKey(kid, dek))
    await timed(ms.rawUnwrap!, () => privateDecrypt({ key: raw.privateKey, ...OAEP }, rawWrapped))
    await timed(ms.stackUnwrap!, () => wrapper.unwrapKey(kid, wrapped))
  }
  const m = Object.fromEntries(Object.entries(ms).map(([k, v]) => [k, median(v)])) as Record<string, number>
  console.log(
    `${bits} bits on ${cpus().length} x ${cpus()[0]?.model}: wrap ${m.stackWrap!.toFixed(2)} ms / raw ${m.rawWrap!.toFixed(3)} ms = ${(m.stackWrap! / m.rawWrap!).toFixed(1)}x;`,
    `unwrap ${m.stackUnwrap!.toFixed(2)} ms / raw ${m.rawUnwrap!.toFixed(2)} ms = ${(m.stackUnwrap! / m.rawUnwrap!).toFixed(1)}x (medians of ${ROUNDS})`,
  )
  // Not a race: only that both sides did the work that is compared.
  const opened = await wrapper.unwrapKey(kid, wrapped)
  expect(opened.equals(dek)).toBe(true)
})
