import { constants, createPublicKey, generateKeyPairSync, type KeyObject, publicEncrypt } from 'node:crypto'
import { cpus } from 'node:os'
import { expect, test } from 'vitest'
import { envelopeMac, generateDek, keyCheckValue } from '@/server/encryption/crypto'
import { WRAP_ALGORITHM } from '@/server/encryption/model'
import { updateTenantSettings } from '@/server/identity/service'
import { newId } from '@/server/kernel/ids'
import { monotonicMs } from '@/server/kernel/time'
import { vaultKeys } from '@/server/keyvault/service'
import { sweep } from '@/server/postgres/key-access.sweep'
import { customerManaged, testWorld, VAULT } from '../support/world'

/**
 * A sweep as the fleet grows tenfold: seconds, probes, cost of a server, and the time from a change to the changed
 * state. Servers are rows of the bench's own making; their envelopes are real, each with a data key of its own. Keys are
 * real too, of 4096 bits, yet share the material of a few pairs: making a thousand of them would take an hour.
 */
const PAIRS = 4
const SCALE = Number(process.env.PORTCULLIS_BENCH_SCALE ?? 1)
const world = await testWorld()
const { db, wiring } = world.engine
const identity = await world.makeIdentity('id-bench')
await world.grant(identity.principalId)
const origin = await world.makeKey('origin')
await world.provision('origin', customerManaged(identity.id, origin.versionless, true))
const pairs = Array.from({ length: PAIRS }, () => generateKeyPairSync('rsa', { modulusLength: 4096 }))

async function importKeys(from: number, to: number): Promise<{ kid: string; publicKey: KeyObject }[]> {
  const store = vaultKeys(await world.ctx(), VAULT)
  const keys: { kid: string; publicKey: KeyObject }[] = []
  for (let i = from; i < to; i++) {
    const { privateKey } = pairs[i % PAIRS]!
    const jwk = privateKey.export({ format: 'jwk' }) as Parameters<typeof store.import>[0]['jwk']
    const { version } = await store.import({ name: `bench-${i}`, jwk, hardware: false })
    const kid = `https://${VAULT}.vault.localhost/keys/bench-${i}/${version}`
    keys.push({ kid, publicKey: createPublicKey(privateKey) })
  }
  return keys
}

/** Rows for servers `from` to `to`, spread over the keys, each with an envelope that opens. */
async function addServers(from: number, to: number, keys: { kid: string; publicKey: KeyObject }[]): Promise<void> {
  const model = (await db.server.findFirst({ where: { name: 'origin' } }))!
  const now = (await world.ctx()).now
  for (let start = from; start < to; start += 1000) {
    const ids = Array.from({ length: Math.min(1000, to - start) }, (_, k) => start + k)
    const rows = ids.map((i) => {
      const { kid, publicKey } = keys[i % keys.length]!
      const serverId = model.id.replace(/origin$/, `bench-${i}`)
      const header = { serverId, role: 'primary' as const, sequence: 1, kid, algorithm: WRAP_ALGORITHM }
      const dek = generateDek()
      const oaep = { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
      const wrappedDek = Uint8Array.from(publicEncrypt(oaep, dek))
      const mac = Uint8Array.from(envelopeMac(dek, header, wrappedDek))
      const check = Uint8Array.from(keyCheckValue(dek))
      return { ...header, id: newId(), wrappedDek, mac, keyCheckValue: check, createdAt: now }
    })
    await db.server.createMany({
      data: rows.map(({ serverId, kid }) => ({
        ...model,
        ...{
          id: serverId,
          name: serverId.split('/').at(-1)!,
          sealedVerifier: null,
          properties: model.properties ?? {},
        },
        ...{ tags: {}, keyAccess: undefined, standbyKeyAccess: undefined, primaryKeyUri: kid.replace(/\/[^/]+$/, '') },
      })),
    })
    await db.envelope.createMany({ data: rows })
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = monotonicMs()
  await work()
  return (monotonicMs() - start) / 1000
}

const quantile = (values: number[], q: number) => [...values].sort((a, b) => a - b)[Math.floor(values.length * q)]!

async function measure(servers: number, keys: number): Promise<number> {
  const ctx = await world.ctx()
  let probes = 0
  const probing = await seconds(async () => {
    probes = (await sweep(ctx, wiring.keyAccess, {})).verdicts.length
  })
  const real: number[] = []
  const virtual: number[] = []
  for (let i = 0; i < 4; i++) {
    const enabled = i % 2 === 1
    const before = (await world.ctx()).now
    await vaultKeys(await world.ctx(), VAULT).update('bench-0', null, { enabled })
    real.push(await seconds(() => world.advance(1800)))
    const at = (await db.serverStateChange.findFirst({ orderBy: { seq: 'desc' } }))!.at
    virtual.push((at.getTime() - before.getTime()) / 60_000)
    const fallen = await db.server.count({ where: { state: 'Inaccessible' } })
    expect(fallen).toBe(enabled ? 0 : servers / keys)
  }
  const total = quantile(real, 0.5)
  console.log(
    `${servers} servers on ${keys} keys of 4096 bits (${PAIRS} pairs of material, ${cpus().length} x ${cpus()[0]?.model}):`,
    `${probes} probes in ${probing.toFixed(1)} s; sweep with verdicts written ${total.toFixed(1)} s = ${((total * 1e6) / servers).toFixed(0)} us a server;`,
    `change to changed state: virtual p50 ${quantile(virtual, 0.5).toFixed(0)} min, p95 ${quantile(virtual, 0.95).toFixed(0)} min; real p50 ${quantile(real, 0.5).toFixed(1)} s, p95 ${quantile(real, 0.95).toFixed(1)} s`,
  )
  return total
}

const SIZES = [
  { servers: 10_000 / SCALE, keys: 100 / SCALE },
  { servers: 100_000 / SCALE, keys: 1000 / SCALE },
]
const keys: { kid: string; publicKey: KeyObject }[] = []

test.each(SIZES)(
  'a sweep over $servers servers costs by its $keys keys',
  async (size) => {
    await db.server.deleteMany({ where: { name: { startsWith: 'bench-' } } })
    await db.envelope.deleteMany({ where: { serverId: { contains: '/bench-' } } })
    keys.push(...(await importKeys(keys.length, size.keys)))
    await addServers(0, size.servers, keys)
    await measure(size.servers, size.keys)
  },
  3_600_000,
)

/** Minutes of the clock from one change to the next, so that changes meet the sweeps at every distance. */
const UNEVEN_MINUTES = [3, 17, 29, 8, 22]
const EVENTS = 40

test.each(['azure', 'immediate'] as const)(
  'time from a change to the changed state, with changes noticed the way "%s"',
  async (keyChangeDetection) => {
    await db.server.deleteMany({ where: { name: { startsWith: 'bench-' } } })
    await db.envelope.deleteMany({ where: { serverId: { contains: '/bench-' } } })
    if (keys.length < 10) keys.push(...(await importKeys(keys.length, 10)))
    await addServers(0, 1000, keys.slice(0, 10))
    await updateTenantSettings(await world.ctx(), { keyChangeDetection })
    const minutes: number[] = []
    const real: number[] = []
    for (let i = 0; i < EVENTS; i++) {
      await world.advance(60 * UNEVEN_MINUTES[i % UNEVEN_MINUTES.length]!)
      const enabled = i % 2 === 1
      const { now } = await world.ctx()
      await vaultKeys(await world.ctx(), VAULT).update('bench-0', null, { enabled })
      real.push(
        await seconds(async () => {
          while ((await db.server.count({ where: { state: 'Inaccessible' } })) !== (enabled ? 0 : 100))
            await world.advance(60)
        }),
      )
      const { at } = (await db.serverStateChange.findFirst({ orderBy: { seq: 'desc' } }))!
      minutes.push((at.getTime() - now.getTime()) / 60_000)
    }
    console.log(
      `${keyChangeDetection}: ${EVENTS} changes to a key of 100 of 1000 servers, changed state after`,
      `p50 ${quantile(minutes, 0.5).toFixed(1)} min, p95 ${quantile(minutes, 0.95).toFixed(1)} min, at most ${Math.max(...minutes).toFixed(1)} min of the clock;`,
      `p50 ${quantile(real, 0.5).toFixed(2)} s, p95 ${quantile(real, 0.95).toFixed(2)} s of work`,
    )
    expect(Math.max(...minutes)).toBeLessThanOrEqual(60)
  },
  600_000,
)
