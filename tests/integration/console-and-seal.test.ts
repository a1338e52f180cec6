import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { runStatements } from '@/server/dataplane/service'
import { vaultKeys } from '@/server/keyvault/service'
import { readMetric, sampleMetrics } from '@/server/metrics/service'
import {
  createServer,
  databaseReader,
  getConnection,
  listSealedTables,
  readSealedPage,
  searchSealed,
  updateFirewall,
} from '@/server/postgres/service'
import { customerManaged, PASSWORD, serverInput, testWorld, VAULT } from '../support/world'

const NAME = 'seen-sealed'
const WORD = 'zirkelstein-needle-4711'
const world = await testWorld({ databases: true })
const { engine, config } = world
const identity = await world.makeIdentity('id-seen')
await world.grant(identity.principalId)
const key = await world.makeKey('seen')
const INPUT = serverInput(NAME, customerManaged(identity.id, key.versionless, true))
INPUT.networking.firewallRules = [{ name: 'me', startIp: '127.0.0.1', endIp: '127.0.0.1' }]
const { operationId, serverId } = await createServer(await world.ctx(), engine.wiring.keyAccess, INPUT)
await world.untilEnded(operationId)
const deps = { keyAccess: engine.wiring.keyAccess, dataDir: config.dataDir }

const run = (sql: string, more: object = {}) =>
  runStatements(
    {
      host: `${NAME}.postgres.localhost`,
      address: '127.0.0.1',
      port: engine.postgresPort!,
      ca: readFileSync(join(config.dataDir, 'ca.pem'), 'utf8'),
    },
    { login: 'testadmin', password: PASSWORD, database: 'postgres', sql, ...more },
    new AbortController().signal,
  )

async function longSession(): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: engine.postgresPort!,
    user: 'testadmin',
    password: PASSWORD,
    database: 'postgres',
    ssl: { ca: readFileSync(join(config.dataDir, 'ca.pem'), 'utf8'), servername: `${NAME}.postgres.localhost` },
  })
  await client.connect()
  return client
}

test('the console gives every result with its types, NULLs and notices', async () => {
  const done = await run(
    `CREATE TABLE notes (id int, word varchar(40)); INSERT INTO notes VALUES (1, '${WORD}'), (2, NULL);
     SELECT * FROM notes ORDER BY id; DO $$ BEGIN RAISE NOTICE 'heard'; END $$`,
  )
  expect(done.error).toBeNull()
  expect(done.results.map((r) => r.command)).toEqual(['CREATE', 'INSERT', 'SELECT', 'DO'])
  expect(done.results[2]).toMatchObject({
    rows: [
      ['1', WORD],
      ['2', null],
    ],
    columns: [
      { name: 'id', type: 'integer' },
      { name: 'word', type: 'character varying(40)' },
    ],
  })
  expect(done.notices[0]).toMatchObject({ severity: 'NOTICE', message: 'heard' })
  expect(done.databases).toContain('postgres')
})

test('the console tells a wrong password, the place of a fault, and counts the rows that it does not keep', async () => {
  expect((await run('SELECT 1', { password: 'Wrong-horse-8' })).error).toMatchObject({ code: '28P01' })
  expect((await run('SELECT 1; SELECT nothere FROM notes')).error).toMatchObject({ code: '42703', position: 18 })
  const many = (await run('SELECT generate_series(1, 5000)')).results[0]!
  expect([many.rows.length, many.rowCount]).toEqual([1000, 5000])
})

test('a word of the data lies in no raw file and in the opened ones; without the key only sealed bytes are shown', async () => {
  const ctx = await world.ctx()
  const { tables } = await listSealedTables(ctx, deps, { name: NAME, database: 'postgres' })
  const { file } = tables.find((t) => t.name === 'public.notes')!
  const page = await readSealedPage(ctx, deps, { name: NAME, file, page: 0 })
  const [sealed, opened] = [Buffer.from(page.sealed, 'base64'), Buffer.from(page.opened!, 'base64')]
  expect([sealed.length, opened.includes(WORD), sealed.includes(WORD)]).toEqual([8192, true, false])
  const found = await searchSealed(ctx, deps, { name: NAME, word: WORD })
  expect(found).toMatchObject({ raw: 0, rawFiles: [], refusal: null })
  expect(found.opened!.find((kind) => kind.kind === 'Tables and indexes')?.matches).toBe(1)

  await vaultKeys(ctx, VAULT).update('seen', null, { enabled: false })
  const shut = await readSealedPage(await world.ctx(), deps, { name: NAME, file, page: 0 })
  expect([shut.opened, shut.sealed]).toEqual([null, page.sealed])
  expect(shut.refusal?.message).toMatch(/disabled/i)
  const raw = await searchSealed(await world.ctx(), deps, { name: NAME, word: WORD })
  expect([raw.raw, raw.opened]).toEqual([0, null])
  await vaultKeys(await world.ctx(), VAULT).update('seen', null, { enabled: true })
})

test('the gateway follows the firewall rules as they are saved', async () => {
  await updateFirewall(await world.ctx(), { serverId, rules: [] })
  expect((await run('SELECT 1')).error).toMatchObject({ code: '28000' })
  await updateFirewall(await world.ctx(), {
    serverId,
    rules: [{ name: 'me', startIp: '127.0.0.1', endIp: '127.0.0.1' }],
  })
  expect((await run('SELECT 1')).error).toBeNull()
  expect((await getConnection(await world.ctx(), config.dataDir, NAME)).runtime.state).toBe('Awake')
})

test('the metrics are what the running database shows: its sessions, its bytes, the pages that it sealed', async () => {
  const reading = async (metric: string) => {
    const now = (await world.ctx()).now.getTime()
    const [from, to] = [new Date(now - 60_000), new Date(now + 1000)]
    const { series } = await readMetric(await world.ctx(), { resourceId: serverId, metric, from, to, interval: 60 })
    return series[0]?.points.at(-1)?.maximum ?? null
  }
  const sample = async () => {
    const save = await sampleMetrics(await world.ctx(), databaseReader(config.dataDir))
    await save(await world.ctx())
  }
  await sample()
  const [bytes, pages] = [(await reading('storage_used'))!, (await reading('pages_sealed'))!]
  expect(bytes).toBeGreaterThan(30_000_000)
  await run(
    'CREATE TABLE big AS SELECT repeat(md5(n::text), 100) AS filler FROM generate_series(1, 20000) n; CHECKPOINT',
  )
  await world.advance(60)
  const client = await longSession()
  await sample()
  expect(await reading('active_connections')).toBe(1)
  expect(await reading('storage_used')).toBeGreaterThan(bytes)
  expect(await reading('pages_sealed')).toBeGreaterThan(pages + 100)
  await client.end()
  await engine.dataPlane!.stop(serverId)
  await world.advance(60)
  await sample()
  expect(await reading('active_connections')).toBe(0)
})
