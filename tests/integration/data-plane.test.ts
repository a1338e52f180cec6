import { execFile, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clusterFolders, clusterStatus } from '@/server/dataplane/service'
import { realSleep } from '@/server/kernel/time'
import { vaultKeys } from '@/server/keyvault/service'
import { createServer, searchSealed } from '@/server/postgres/service'
import { customerManaged, PASSWORD, serverInput, testWorld, VAULT } from '../support/world'

const NAME = 'real-orders'
const NEEDLE = 'zebra-quartz-needle-4711'

const world = await testWorld({ databases: true })
const { engine, config } = world
const identity = await world.makeIdentity('id-real')
await world.grant(identity.principalId)
const key = await world.makeKey('real')
let serverId = ''

const open: pg.Client[] = []
afterAll(() => Promise.all(open.map((client) => client.end().catch(() => undefined))))

/** A client as an application would have it: TLS with the local authority, the server by its name. */
async function connect(more: { user?: string; password?: string; name?: string; database?: string } = {}) {
  const { user = 'testadmin', password = PASSWORD, name = NAME, database = 'postgres' } = more
  const client = new pg.Client({
    host: '127.0.0.1',
    port: engine.postgresPort!,
    user,
    password,
    database,
    ssl: { ca: readFileSync(join(config.dataDir, 'ca.pem'), 'utf8'), servername: `${name}.postgres.localhost` },
  })
  client.on('error', () => undefined)
  await client.connect()
  open.push(client)
  return client
}

/** What a refused connection says. */
const refused = (more?: Parameters<typeof connect>[0]) =>
  connect(more).then(
    () => ({ code: 'connected', message: '', detail: '', hint: '' }),
    (error: { code: string; message: string; detail?: string; hint?: string }) => error,
  )

async function ask(sql: string, parameters: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = await connect()
  const { rows } = await client.query(sql, parameters)
  await client.end()
  return rows
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await realSleep(10)
}

/** All rows of the installation's own database, as text. */
const everyRow = `SELECT query_to_xml('SELECT * FROM ' || c.oid::regclass, true, true, '') FROM pg_class c
  JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema')`

const state = async () => (await world.server(NAME)).state
const setKey = async (enabled: boolean) => vaultKeys(await world.ctx(), VAULT).update('real', null, { enabled })

beforeAll(async () => {
  const input = serverInput(NAME, customerManaged(identity.id, key.versionless, true))
  input.networking.firewallRules.push({ name: 'loopback', startIp: '127.0.0.1', endIp: '127.0.0.1' })
  const created = await createServer(await world.ctx(), engine.wiring.keyAccess, input)
  serverId = created.serverId
  expect(await world.untilEnded(created.operationId)).toMatchObject({ status: 'Succeeded', error: null })
})

describe('a new server', () => {
  test('takes the administrator with the password of the wizard, over TLS, and no other password', async () => {
    expect(
      await ask('SELECT current_user AS me, rolsuper AS super FROM pg_roles WHERE rolname = current_user'),
    ).toEqual([{ me: 'testadmin', super: false }])
    expect(await refused({ password: 'Wrong-horse-7' })).toMatchObject({ code: '28P01' })
  })

  test('runs in processes whose memory goes into no core dump and is open to no debugger, under a user of its own', () => {
    const status = clusterStatus(config.dataDir, serverId)
    const { pid } = status as Extract<typeof status, { state: 'Awake' }>
    const uid = Number(/^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1])
    expect(uid).not.toBe(0)
    // The kernel gives what is shown of such a process to root, not to its own user.
    expect(statSync(`/proc/${pid}/environ`).uid).toBe(0)
  })

  test('lets its administrator make databases and roles, and reach nothing outside', async () => {
    const client = await connect()
    await client.query('CREATE DATABASE shop')
    await client.query("CREATE ROLE clerk LOGIN PASSWORD 'Clerk-horse-7'")
    expect(await refused({ user: 'clerk', password: 'Clerk-horse-7', database: 'shop' })).toMatchObject({
      code: 'connected',
    })
    await expect(client.query("COPY (SELECT 1) TO PROGRAM 'cat'")).rejects.toMatchObject({ code: '42501' })
    await expect(client.query("SELECT pg_read_file('/etc/passwd')")).rejects.toMatchObject({ code: '42501' })
    await expect(client.query('SET ROLE azuresu')).rejects.toMatchObject({ code: '42501' })
    expect(await refused({ user: 'azuresu', password: '' })).toMatchObject({ code: '28000' })
  })

  test('cancels a query of its own on request', async () => {
    const client = await connect()
    const [{ pid }] = (await client.query('SELECT pg_backend_pid() AS pid')).rows
    const sleeping = client.query('SELECT pg_sleep(60)')
    const key = (client as unknown as { secretKey: number }).secretKey
    await until(
      async () =>
        (await ask('SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND state = $2', [pid, 'active'])).length > 0,
    )
    const message = Buffer.alloc(16)
    for (const [i, n] of [16, 80877102, pid, key].entries()) message.writeInt32BE(n, 4 * i)
    const { createConnection } = await import('node:net')
    createConnection({ host: '127.0.0.1', port: engine.postgresPort! }, function (this: import('node:net').Socket) {
      this.end(message)
    } as () => void)
    await expect(sleeping).rejects.toMatchObject({ code: '57014' })
  })
})

describe('the gateway refuses', () => {
  test('a server that does not exist', async () => {
    expect(await refused({ name: 'nobody-home' })).toMatchObject({
      code: '08004',
      message: 'there is no server "nobody-home"',
    })
  })

  test('a connection without TLS', async () => {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: engine.postgresPort!,
      user: 'testadmin',
      database: 'postgres',
    })
    client.on('error', () => undefined)
    await expect(client.connect()).rejects.toMatchObject({
      code: '28000',
      message: expect.stringContaining('no encryption'),
    })
  })
})

/** The real client. The gateway is in this very process: a client that blocked it would wait for itself. */
const psql = async (conninfo: string, sql = 'SELECT current_user') => {
  const target = `hostaddr=127.0.0.1 port=${engine.postgresPort} dbname=postgres ${conninfo}`
  const env = { ...process.env, PGPASSWORD: PASSWORD }
  return (await promisify(execFile)('psql', [target, '-Atc', sql], { env })).stdout.trim()
}
const verified = () =>
  `host=${NAME}.postgres.localhost user=testadmin sslmode=verify-full sslrootcert=${join(config.dataDir, 'ca.pem')}`
/** What psql says when it is not let in. */
const psqlRefused = (conninfo: string) => psql(conninfo).then(String, (error: { stderr: string }) => error.stderr)

describe('psql', () => {
  test('verifies the whole certificate by the server’s name, and finds no other server behind it', async () => {
    expect(await psql(verified())).toBe('testadmin')
    expect(await psqlRefused(verified().replace(NAME, 'nobody-home'))).toContain('there is no server "nobody-home"')
  })

  test('names the server by an option or behind its user where it cannot by TLS', async () => {
    expect(
      await psql(`user=testadmin sslmode=require options='-c server=${NAME} -c work_mem=5MB'`, 'SHOW work_mem'),
    ).toBe('5MB')
    expect(await psql(`user=testadmin@${NAME} sslmode=require`)).toBe('testadmin')
  })
})

/** Processes that were started on a folder or stand in it: only they are ever given its key. */
const processesOn = (folder: string) =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return (
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder) ||
          readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
        )
      } catch {
        return false
      }
    })

describe('when the key is lost', () => {
  test('open sessions end with the cause, new ones are refused with it, and the key is in no process; with the key back every row is there', async () => {
    const client = await connect()
    await client.query('CREATE TABLE notes (id int PRIMARY KEY, text text)')
    await client.query('INSERT INTO notes SELECT n, $1 || n FROM generate_series(1, 500) n', [NEEDLE])
    const ended = new Promise<{ code?: string; message: string }>((resolve) => client.once('error', resolve))
    const running = client.query('SELECT pg_sleep(60)').catch((error) => error)
    expect(processesOn(clusterFolders(config.dataDir, serverId).folder)).not.toEqual([])

    await setKey(false)
    await world.advance(1800)
    expect(await state()).toBe('Inaccessible')
    expect(await running).toMatchObject({
      code: '57P01',
      message: expect.stringContaining('the key version is disabled'),
    })
    await ended
    await until(() => clusterStatus(config.dataDir, serverId).state === 'Asleep')
    await until(() => processesOn(clusterFolders(config.dataDir, serverId).folder).length === 0)

    const refusal = await refused()
    expect(refusal).toMatchObject({
      code: '57P03',
      message: `server "${NAME}" is Inaccessible: the key version is disabled`,
      hint: expect.stringContaining('Enable the key version'),
    })
    const { firstDeniedAt } = await world.server(NAME)
    expect(firstDeniedAt).not.toBeNull()
    const words = await psqlRefused(verified())
    expect(words).toContain(`FATAL:  server "${NAME}" is Inaccessible: the key version is disabled`)
    expect(words).toContain('HINT:  Enable the key version.')
    expect((await world.server(NAME)).firstDeniedAt).toBe(firstDeniedAt)

    await setKey(true)
    await world.advance(1800)
    expect(await world.server(NAME)).toMatchObject({ state: 'Ready', firstDeniedAt: null })
    expect(await ask('SELECT count(*)::int AS n, min(text) AS text FROM notes')).toEqual([
      { n: 500, text: `${NEEDLE}1` },
    ])
    expect(await psql(verified(), 'SELECT count(*) FROM notes')).toBe('500')
  })

  test('a sleeping server does not wake: its state follows the real refusal at once', async () => {
    await engine.dataPlane!.stop(serverId)
    await setKey(false)
    expect(await refused()).toMatchObject({ code: '57P03', message: expect.stringContaining('Inaccessible') })
    expect(await state()).toBe('Inaccessible')
    await setKey(true)
    await world.advance(1800)
  })
})

const holding = () => spawnSync('grep', ['-rlaF', NEEDLE, config.dataDir], { encoding: 'utf8' }).stdout
const filesOf = (pattern: RegExp) =>
  readdirSync(clusterFolders(config.dataDir, serverId).data, { recursive: true, encoding: 'utf8' }).filter((path) =>
    pattern.test(path),
  )

test('nothing that was written can be read anywhere: tables, temporary files while they exist, WAL, server logs, and all that the installation keeps', async () => {
  const client = await connect()
  await client.query("SET work_mem = '64kB'")
  await client.query('BEGIN')
  const word = 'repeat($1, 4) || n'.replace('$1', `'${NEEDLE}'`)
  await client.query(
    `DECLARE spilled CURSOR FOR SELECT ${word} AS w FROM generate_series(1, 20000) n ORDER BY md5(n::text), 1`,
  )
  await client.query('FETCH 1 FROM spilled')
  expect(filesOf(/pgsql_tmp\//)).not.toEqual([])
  expect(holding()).toBe('')
  await client.query('COMMIT')
  // An error is logged with its statement.
  await client.query(`SELECT '${NEEDLE}'::int`).catch(() => undefined)
  expect(filesOf(/^log\//)).not.toEqual([])
  const opened = await searchSealed(
    await world.ctx(),
    { keyAccess: engine.wiring.keyAccess, dataDir: config.dataDir },
    { name: NAME, word: NEEDLE },
  )
  expect(opened.raw).toBe(0)
  // It is there all the same, for who has the key.
  expect(opened.opened!.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['Tables and indexes', 'Write-ahead log', 'Logs']),
  )
  expect(holding()).toBe('')
  const dump = spawnSync('psql', [config.databaseUrl, '-Atc', everyRow], { encoding: 'utf8', maxBuffer: 2 ** 28 })
  expect(dump.stdout.length).toBeGreaterThan(10_000)
  expect(dump.stdout).not.toContain(NEEDLE)
})

test('a server outlives the rewrap of its key: sessions stay, and it opens under the new version', async () => {
  const client = await connect()
  await vaultKeys(await world.ctx(), VAULT).rotate('real')
  await world.advance(1800)
  expect((await world.server(NAME)).encryption.primary?.wrappedByKid).not.toContain(key.version)
  expect((await client.query('SELECT count(*)::int AS n FROM notes')).rows).toEqual([{ n: 500 }])
  await client.end()
  await engine.dataPlane!.stop(serverId)
  expect(await ask('SELECT 1 AS one')).toEqual([{ one: 1 }])
})
