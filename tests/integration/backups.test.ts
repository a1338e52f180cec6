import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { listActivity } from '@/server/activity/service'
import { clusterStatus } from '@/server/dataplane/service'
import { stableId } from '@/server/kernel/ids'
import { vaultKeys } from '@/server/keyvault/service'
import {
  backUpNow,
  backupsUsingKey,
  changeLife,
  createServer,
  deleteBackup,
  deleteServer,
  listBackups,
  openHere,
  restoreServer,
  searchSealed,
  setParameters,
} from '@/server/postgres/service'
import { readImpact } from '@/server/queries/impact'
import { customerManaged, PASSWORD, serverInput, serviceManaged, testWorld, VAULT } from '../support/world'

// Real files of real servers are copied.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 })

const NAME = 'kept-orders'
const NEEDLE = 'opal-lantern-needle-0815'
const DAY = 86_400

const world = await testWorld({ databases: true })
const { engine, config } = world
const { keyAccess } = engine.wiring
const identity = await world.makeIdentity('id-kept')
await world.grant(identity.principalId)
const key = await world.makeKey('kept')
let serverId = ''

const open: pg.Client[] = []
afterAll(() => Promise.all(open.map((client) => client.end().catch(() => undefined))))

async function connect(name = NAME): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: engine.postgresPort!,
    user: 'testadmin',
    password: PASSWORD,
    database: 'postgres',
    ssl: { ca: readFileSync(join(config.dataDir, 'ca.pem'), 'utf8'), servername: `${name}.postgres.localhost` },
  })
  client.on('error', () => undefined)
  await client.connect()
  open.push(client)
  return client
}

async function ask(sql: string, name = NAME): Promise<Record<string, unknown>[]> {
  const client = await connect(name)
  const { rows } = await client.query(sql)
  await client.end()
  return rows
}

const backups = async (name = NAME) => listBackups(await world.ctx(), name)
const folder = () => join(config.dataDir, 'backups', stableId(serverId.toLowerCase()))
const deps = { keyAccess, dataDir: config.dataDir }

async function backUp(name: string) {
  const { operationId } = await backUpNow(await world.ctx(), keyAccess, { serverId, name })
  return world.untilEnded(operationId)
}

async function restore(
  backupName: string,
  name: string,
  encryption = null as Parameters<typeof restoreServer>[2]['encryption'],
) {
  const { operationId } = await restoreServer(await world.ctx(), deps, { serverId, backupName, name, encryption })
  return world.untilEnded(operationId)
}

beforeAll(async () => {
  const input = serverInput(NAME, customerManaged(identity.id, key.versionless, true))
  input.networking.firewallRules.push({ name: 'loopback', startIp: '127.0.0.1', endIp: '127.0.0.1' })
  const created = await createServer(await world.ctx(), keyAccess, input)
  serverId = created.serverId
  expect(await world.untilEnded(created.operationId)).toMatchObject({ status: 'Succeeded', error: null })
  await ask(`CREATE TABLE notes AS SELECT n AS id, '${NEEDLE}' || n AS text FROM generate_series(1, 500) n`)
  const changes = [{ name: 'work_mem', value: '8192' }]
  await setParameters(await world.ctx(), openHere({ keyAccess, dataPlane: engine.dataPlane }), { serverId, changes })
})

describe('a backup on demand', () => {
  test('taken under load restores to a new server with all that was committed before it, the same login and parameters, and a key of its own', async () => {
    await ask('CREATE TABLE receipt (id serial PRIMARY KEY)')
    let told = 0
    let stopped = false
    const writing = connect().then(async (client) => {
      while (!stopped) told = (await client.query('INSERT INTO receipt DEFAULT VALUES RETURNING id')).rows[0].id
    })
    await expect.poll(() => told).toBeGreaterThan(5)
    const before = told
    expect(await backUp('under-load')).toMatchObject({ status: 'Succeeded', error: null })
    stopped = true
    await writing
    expect((await backups()).backups[0]).toMatchObject({
      name: 'under-load',
      type: 'OnDemand',
      status: 'Succeeded',
      kid: key.pinned,
      expiresAt: '2030-01-08T00:00:00.000Z',
      problem: null,
    })

    expect(await restore('under-load', 'kept-again')).toMatchObject({ status: 'Succeeded', error: null })
    const [row] = await ask(
      'SELECT (SELECT count(*)::int FROM notes) AS notes, max(id) AS last, count(*)::int AS n FROM receipt',
      'kept-again',
    )
    expect(row).toMatchObject({ notes: 500, n: row!.last })
    expect(row!.last).toBeGreaterThanOrEqual(before)
    expect(await ask('SHOW work_mem', 'kept-again')).toEqual([{ work_mem: '8MB' }])
    const [source, restored] = [await world.server(NAME), await world.server('kept-again')]
    expect(restored.properties.restoredFrom).toMatchObject({ serverName: NAME, backupName: 'under-load' })
    expect(restored.encryption.primary?.keyCheckValue).not.toBe(source.encryption.primary?.keyCheckValue)
    expect(restored.encryption.primary?.keyUri).toBe(source.encryption.primary?.keyUri)
    expect(restored.firewallRules).toEqual(source.firewallRules)
  })

  test('shows nothing of the data in any of its files, and is told in the activity log', async () => {
    expect(spawnSync('grep', ['-rlaF', NEEDLE, config.dataDir], { encoding: 'utf8' }).stdout).toBe('')
    const found = await searchSealed(await world.ctx(), deps, { name: NAME, word: NEEDLE })
    expect(found.raw).toBe(0)
    expect(found.opened).toContainEqual({ kind: 'Backups', matches: expect.any(Number) })
    const activity = await listActivity(await world.ctx(), { resourceId: serverId, limit: 50, scopes: ['/'] })
    const told = activity.filter((entry) => entry.operationName.endsWith('/backups/write')).map(({ status }) => status)
    expect(told).toEqual(['Succeeded', 'Accepted'])
  })

  test('of a server that sleeps or is stopped wakes nothing, and shares the files that did not change', async () => {
    await engine.dataPlane!.stop(serverId)
    expect(await backUp('asleep')).toMatchObject({ status: 'Succeeded' })
    expect(clusterStatus(config.dataDir, serverId).state).toBe('Asleep')
    const stopping = await changeLife(await world.ctx(), keyAccess, 'stop', serverId)
    await world.untilEnded(stopping.operationId)
    expect(await backUp('stopped')).toMatchObject({ status: 'Succeeded' })
    const shared = readdirSync(folder(), { recursive: true, encoding: 'utf8' })
      .map((path) => statSync(join(folder(), path)))
      .filter((status) => status.isFile() && status.nlink > 1)
    expect(shared.length).toBeGreaterThan(500)
    const starting = await changeLife(await world.ctx(), keyAccess, 'start', serverId)
    await world.untilEnded(starting.operationId)
  })

  test('has a name once, and is deleted with its files while others that share them stay whole', async () => {
    await expect(backUp('asleep')).rejects.toMatchObject({ code: 'NameUnavailable' })
    await deleteBackup(await world.ctx(), { serverId, name: 'asleep' })
    await world.advance(1)
    expect((await backups()).backups.map((b) => b.name).sort()).toEqual(['stopped', 'under-load'])
    expect(readdirSync(folder())).toHaveLength(2)
    for (const backupId of readdirSync(folder()))
      expect(await engine.dataPlane!.verifyBackup({ serverId, backupId })).toBeGreaterThan(900)
  })
})

describe('restoring', () => {
  test('to a service-managed key is the way to the other mode, here of a server that was stopped when it was backed up', async () => {
    expect(await restore('stopped', 'kept-managed', serviceManaged)).toMatchObject({ status: 'Succeeded', error: null })
    expect((await world.server('kept-managed')).encryption.type).toBe('SystemManaged')
    expect(await ask('SELECT count(*)::int AS n FROM notes', 'kept-managed')).toEqual([{ n: 500 }])
  })

  test('needs the very key version that wrapped the backup: without it it is refused by name and leaves nothing, whatever the server uses now', async () => {
    await vaultKeys(await world.ctx(), VAULT).rotate('kept')
    await world.advance(1800)
    expect((await world.server(NAME)).encryption.primary?.wrappedByKid).not.toBe(key.pinned)
    const using = await backupsUsingKey(await world.ctx(), { storeName: VAULT, keyName: 'kept', version: key.version })
    expect(using).toContainEqual(expect.objectContaining({ serverName: NAME, backups: 3 }))
    const change = { change: 'keyVersion', store: VAULT, key: 'kept', version: key.version }
    const impact = await readImpact(await world.ctx(), change)
    expect(impact).toMatchObject({ servers: [], backups: using })
    expect(
      await backupsUsingKey(await world.ctx(), { storeName: VAULT, keyName: 'kept', version: 'f'.repeat(32) }),
    ).toEqual([])

    await vaultKeys(await world.ctx(), VAULT).update('kept', key.version, { enabled: false })
    await expect(restore('under-load', 'kept-never')).rejects.toMatchObject({
      code: 'PreconditionFailed',
      fields: { rule: 'backup-key' },
      publicMessage: expect.stringContaining(`needs version ${key.version} of the key kept`),
    })
    await expect(world.server('kept-never')).rejects.toMatchObject({ code: 'ResourceNotFound' })
    await vaultKeys(await world.ctx(), VAULT).update('kept', key.version, { enabled: true })
  })

  test('that fails half way leaves no server, no data key and no file', async () => {
    const other = await world.makeKey('half-way')
    const before = readdirSync(join(config.dataDir, 'servers')).sort()
    const { id, name } = (await engine.db.backup.findFirst({ where: { serverId, name: 'stopped' } }))!
    rmSync(join(folder(), id, 'data/global/pg_control'))
    const operation = await restore(name, 'kept-half', customerManaged(identity.id, other.pinned, false))
    expect(operation).toMatchObject({
      status: 'Failed',
      error: { message: expect.stringContaining('the file global/pg_control is missing') },
    })
    await expect(world.server('kept-half')).rejects.toMatchObject({ code: 'ResourceNotFound' })
    expect(readdirSync(join(config.dataDir, 'servers')).sort()).toEqual(before)
  })
})

describe('automatic backups', () => {
  beforeAll(async () => {
    for (const name of ['kept-again', 'kept-managed']) {
      const { operationId } = await deleteServer(await world.ctx(), (await world.server(name)).id)
      await world.untilEnded(operationId)
    }
    // Nothing else is to happen in the days that pass.
    await engine.db.agendaItem.deleteMany({ where: { kind: { in: ['monitoring', 'key-access-sweep'] } } })
  })

  test('begin soon after creation, come each day, are kept for the retention and then go with their files', async () => {
    const view = await backups()
    expect(view.nextAutomaticAt).not.toBeNull()
    await world.advance(DAY)
    const two = await backups()
    expect(two.backups.filter((b) => b.type === 'Automatic' && b.status === 'Succeeded').length).toBeGreaterThanOrEqual(
      2,
    )
    await world.advance(8 * DAY)
    const later = await backups()
    expect(later.backups.every((b) => b.type === 'Automatic')).toBe(true)
    expect(later.backups).toHaveLength(7)
    expect(readdirSync(folder())).toHaveLength(7)
    expect(Date.parse(later.nextAutomaticAt!)).toBeGreaterThan((await world.ctx()).now.getTime())
  })

  test('that cannot be taken is told with the reason, in the list and in the activity log', async () => {
    await vaultKeys(await world.ctx(), VAULT).update('kept', null, { enabled: false })
    await world.advance(DAY)
    const [failed] = (await backups()).backups
    expect(failed).toMatchObject({ status: 'Failed', problem: expect.stringMatching(/disabled/i) })
    const activity = await listActivity(await world.ctx(), { resourceId: serverId, limit: 200, scopes: ['/'] })
    expect(activity.find((entry) => entry.operationName.endsWith('/backups/write'))).toMatchObject({
      status: 'Failed',
      description: expect.stringContaining(`The automatic backup of ${NAME} failed`),
    })
  })

  test('go with their server', async () => {
    const { operationId } = await deleteServer(await world.ctx(), serverId)
    expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded' })
    expect(existsSync(folder())).toBe(false)
    expect(await engine.db.backup.count({ where: { serverId } })).toBe(0)
  })
})
