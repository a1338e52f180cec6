import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { freePort } from '@/server/cli/ports'
import { clusterFolders } from '@/server/dataplane/service'
import { createServer } from '@/server/postgres/service'
import { readSeal, writeSeal } from '@/server/storage/attributes'
import { gatewayClients } from '../support/gateway-client'
import { startEngineProcess } from '../support/gateway-crash'
import { customerManaged, serverInput, testWorld } from '../support/world'

vi.setConfig({ testTimeout: 120_000 })

const NAME = 'harmed-orders'
const OTHER = 'other-orders'
const world = await testWorld({ databases: true })
const { engine, config } = world
const clients = gatewayClients(world)
const identity = await world.makeIdentity('id-harmed')
await world.grant(identity.principalId)
const key = await world.makeKey('harmed')
const ids = new Map<string, string>()

const folderOf = (name: string) => clusterFolders(config.dataDir, ids.get(name)!).data
const envelopeOf = async (name: string) =>
  (await engine.db.envelope.findFirst({ where: { serverId: ids.get(name)!, role: 'primary', supersededAt: null } }))!

beforeAll(async () => {
  for (const name of [NAME, OTHER]) {
    const input = serverInput(name, customerManaged(identity.id, key.versionless, true))
    input.networking.firewallRules.push({ name: 'loopback', startIp: '127.0.0.1', endIp: '127.0.0.1' })
    const { operationId, serverId } = await createServer(await world.ctx(), engine.wiring.keyAccess, input)
    ids.set(name, serverId)
    expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded', error: null })
    await clients.ask(name, `CREATE TABLE notes AS SELECT n, '${name}' AS text FROM generate_series(1, 5000) n`)
  }
})
afterAll(() => clients.endAll())

/** Harms the sleeping server, sees what a client is told, mends it, and finds every row. */
async function toldAfter(harm: () => Promise<() => unknown>): Promise<{ code: string; message: string }> {
  for (const id of ids.values()) await engine.dataPlane!.stop(id)
  const mend = await harm()
  const told = await clients.refused(NAME)
  await mend()
  await world.advance(1800)
  expect((await world.server(NAME)).state).toBe('Ready')
  expect(await clients.ask(NAME, 'SELECT count(*)::int AS n, min(text) AS text FROM notes')).toEqual([
    { n: 5000, text: NAME },
  ])
  return told
}

describe('an envelope', () => {
  const replaced = (by: (own: Uint8Array<ArrayBuffer>) => object) => async () => {
    const { id, wrappedDek, keyCheckValue, mac } = await envelopeOf(NAME)
    await engine.db.envelope.update({ where: { id }, data: by(wrappedDek as Uint8Array<ArrayBuffer>) })
    return () => engine.db.envelope.update({ where: { id }, data: { wrappedDek, keyCheckValue, mac } })
  }

  test('that was cut short, or changed by a bit, opens nothing, and is told as what it is', async () => {
    const flipped = (own: Uint8Array<ArrayBuffer>) => own.map((byte, i) => (i === 50 ? byte ^ 1 : byte))
    for (const damage of [(own: Uint8Array<ArrayBuffer>) => own.slice(0, 100), flipped]) {
      const told = await toldAfter(replaced((own) => ({ wrappedDek: damage(own) })))
      expect(told.code).toBe('57P03')
      expect(told.message).toContain('the wrapped data key does not open')
    }
  })

  test('of another server opens nothing, though its key would unwrap it', async () => {
    const { wrappedDek, keyCheckValue, mac } = await envelopeOf(OTHER)
    const told = await toldAfter(replaced(() => ({ wrappedDek, keyCheckValue, mac })))
    expect(told.message).toContain('the wrapped data key does not open')
  })
})

describe('a data folder', () => {
  test('of another server is refused as sealed under another key, and neither is harmed', async () => {
    const [own, other] = [folderOf(NAME), folderOf(OTHER)]
    const swap = () => {
      renameSync(own, `${own}.aside`)
      renameSync(other, own)
      renameSync(`${own}.aside`, other)
    }
    const told = await toldAfter(async () => {
      swap()
      return swap
    })
    expect(told).toMatchObject({ code: '57P03', message: expect.stringContaining('another data encryption key') })
    expect(await clients.ask(OTHER, 'SELECT count(*)::int AS n FROM notes')).toEqual([{ n: 5000 }])
  })

  test('of a newer PostgreSQL, or sealed in a newer format, is left alone and named', async () => {
    const version = join(folderOf(NAME), 'PG_VERSION')
    const newer = await toldAfter(async () => {
      writeFileSync(version, '19\n')
      return () => writeFileSync(version, '18\n')
    })
    expect(newer.message).toContain('of PostgreSQL 19, and this installation has PostgreSQL 18. Nothing was changed.')
    const control = join(folderOf(NAME), 'global/pg_control')
    const format = await toldAfter(async () => {
      const seal = (await readSeal(control))!
      await writeSeal(control, { ...seal, version: 2 })
      return () => writeSeal(control, seal)
    })
    expect(format.message).toContain('sealed in format 2, which is newer than format 1')
  })

  test('with a damaged page opens, and tells it to whoever reads that page; the rest can be read', async () => {
    const [row] = await clients.ask(NAME, "SELECT pg_relation_filepath('notes') AS path")
    const path = join(folderOf(NAME), String(row!.path))
    await engine.dataPlane!.stop(ids.get(NAME)!)
    const whole = readFileSync(path)
    const damaged = Buffer.from(whole)
    damaged[3 * 8192 + 4000]! ^= 4
    writeFileSync(path, damaged)
    await expect(clients.ask(NAME, 'SELECT count(*) FROM notes')).rejects.toMatchObject({
      code: 'XX001',
      message: expect.stringContaining('invalid page in block 3'),
    })
    expect(await clients.ask(NAME, "SELECT text FROM notes WHERE ctid = '(0,1)'")).toEqual([{ text: NAME }])
    await engine.dataPlane!.stop(ids.get(NAME)!)
    writeFileSync(path, whole)
    expect(await clients.ask(NAME, 'SELECT count(*)::int AS n FROM notes')).toEqual([{ n: 5000 }])
  })
})

test('two engines that open one server at the same moment share one database: each sees what the other commits', async () => {
  await engine.dataPlane!.stop(ids.get(NAME)!)
  const port = await freePort()
  const other = await startEngineProcess({ ...config, engineId: 'engine-beside', postgresPort: port })
  try {
    const both = await Promise.all([clients.connect(NAME), clients.connect(NAME, port)])
    const begun = await Promise.all(
      both.map(async (c) => (await c.query('SELECT pg_postmaster_start_time() AS at')).rows[0].at),
    )
    expect(begun[0]).toEqual(begun[1])
    await Promise.all(
      both.map((c, i) => c.query('INSERT INTO notes SELECT n, $1 FROM generate_series(1, 100) n', [`by ${i}`])),
    )
    for (const c of both)
      expect((await c.query("SELECT count(*)::int AS n FROM notes WHERE text LIKE 'by %'")).rows).toEqual([{ n: 200 }])
    await clients.endAll()
  } finally {
    other.kill('SIGTERM')
    await new Promise((resolve) => other.once('exit', resolve))
  }
  expect(await clients.ask(NAME, 'SELECT count(*)::int AS n FROM notes')).toEqual([{ n: 5200 }])
})
