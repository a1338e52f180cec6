import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { listActivity } from '@/server/activity/service'
import { asSuperuser } from '@/server/dataplane/service'
import { openUnderDek, withDek } from '@/server/encryption/service'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createServicePrincipal, deleteLock, setLock } from '@/server/identity/service'
import type { ParameterView, UpdateServerInput } from '@/server/postgres/contract'
import { ADMINISTRATOR_SEAL } from '@/server/postgres/model'
import {
  backUpNow,
  changeLife,
  createServer,
  findServerByName,
  listBackups,
  listParameters,
  openByEngine,
  openHere,
  setParameters,
  updateServer,
} from '@/server/postgres/service'
import { PASSWORD, serverInput, serviceManaged, testWorld } from '../support/world'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const NAME = 'tuned-orders'
const world = await testWorld({ databases: true })
const { engine, config } = world
const { keyAccess } = engine.wiring
const here = openHere({ keyAccess, dataPlane: engine.dataPlane })
let serverId = ''

async function ask(sql: string, password = PASSWORD): Promise<unknown> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: engine.postgresPort!,
    user: 'testadmin',
    password,
    database: 'postgres',
    ssl: { ca: readFileSync(join(config.dataDir, 'ca.pem'), 'utf8'), servername: `${NAME}.postgres.localhost` },
  })
  client.on('error', () => undefined)
  await client.connect()
  const { rows } = await client.query(sql)
  await client.end()
  return Object.values(rows[0] as object)[0]
}

const list = async () => listParameters(await world.ctx(), here, serverId)
const one = async (name: string) => (await list()).find((parameter) => parameter.name === name)!
const set = async (values: Record<string, string | null>) => {
  const changes = Object.entries(values).map(([name, value]) => ({ name, value }))
  return setParameters(await world.ctx(), here, { serverId, changes })
}
const live = async (command: 'restart' | 'stop' | 'start') => {
  const { operationId } = await changeLife(await world.ctx(), keyAccess, command, serverId)
  expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded', error: null })
}
const writable = (parameters: ParameterView[]) => parameters.filter((p) => p.readOnlyReason === null)

beforeAll(async () => {
  const input = serverInput(NAME, serviceManaged)
  input.networking.firewallRules.push({ name: 'loopback', startIp: '127.0.0.1', endIp: '127.0.0.1' })
  const created = await createServer(await world.ctx(), keyAccess, input)
  serverId = created.serverId
  expect(await world.untilEnded(created.operationId)).toMatchObject({ status: 'Succeeded', error: null })
})
afterAll(async () => engine.dataPlane?.kill(serverId))

describe('what is set', () => {
  test('a dynamic parameter holds for the next session at once, and its change is in the activity log', async () => {
    expect(await one('work_mem')).toMatchObject({ value: '4096', unit: 'kB', dynamic: true, source: 'system-default' })
    const ctx = { ...(await world.ctx()), correlationId: '11111111-2222-4333-8444-555555555555' }
    const changes = [{ name: 'Work_Mem', value: '8192' }]
    await setParameters(ctx, here, { serverId, changes })
    expect(await ask('SHOW work_mem')).toBe('8MB')
    expect(await one('work_mem')).toMatchObject({ value: '8192', defaultValue: '4096', source: 'user-override' })
    const [entry] = await listActivity(await world.ctx(), { resourceId: serverId, limit: 1, scopes: ['/'] })
    expect(entry).toMatchObject({
      correlationId: ctx.correlationId,
      operationName: 'Microsoft.DBforPostgreSQL/flexibleServers/configurations/write',
      properties: { parameter: 'work_mem', before: '4096', after: '8192' },
    })
  })

  test('a static parameter waits for a restart, and is set back without one before that', async () => {
    const { value: before } = await one('max_connections')
    await set({ max_connections: '77' })
    expect(await one('max_connections')).toMatchObject({ value: '77', defaultValue: before, pendingRestart: true })
    expect(await ask('SHOW max_connections')).toBe(before)
    await set({ max_connections: null })
    expect(await one('max_connections')).toMatchObject({ value: before, pendingRestart: false })
    await set({ max_connections: '77', max_wal_senders: '7' })
    await live('restart')
    expect(await ask('SHOW max_connections')).toBe('77')
    expect(await one('max_connections')).toMatchObject({ value: '77', pendingRestart: false })
    await set({ max_connections: null })
    expect(await one('max_connections')).toMatchObject({
      value: before,
      pendingRestart: true,
      source: 'system-default',
    })
    await set({ max_connections: '77' })
    expect(await one('max_connections')).toMatchObject({ value: '77', pendingRestart: false })
  })

  test('a list of names is one of names, not one name', async () => {
    await set({ search_path: '"$user", shop, public' })
    expect(await one('search_path')).toMatchObject({ value: '"$user", shop, public' })
    expect(await ask('SHOW search_path')).toBe('"$user", shop, public')
    await set({ search_path: null })
  })

  test('it survives sleep and a kill', async () => {
    await engine.dataPlane!.stop(serverId)
    // As the portal does it, which runs no databases itself.
    const seen = await listParameters(await world.ctx(), openByEngine(config.dataDir), serverId)
    expect(seen.find((p) => p.name === 'work_mem')?.value).toBe('8192')
    await engine.dataPlane!.kill(serverId)
    expect(await ask('SHOW work_mem')).toBe('8MB')
  })
})

describe('what is refused changes nothing', () => {
  const refusal = (values: Record<string, string | null>) =>
    set(values).then(
      () => 'no error',
      ({ code, publicMessage }: { code: string; publicMessage: string }) => `${code} ${publicMessage}`,
    )

  test('a value out of range, of another kind, or that PostgreSQL itself refuses, with the others of the same request', async () => {
    const before = await list()
    expect(await refusal({ work_mem: '5000', log_timezone: 'Mars/Base' })).toMatch(
      /^InvalidParameterValue PostgreSQL refuses it: invalid value for parameter "log_timezone": "Mars\/Base"/,
    )
    expect(await refusal({ work_mem: '5000', max_connections: '1' })).toMatch(/from 25 to 1000/)
    expect(await refusal({ work_mem: '5MB' })).toMatch(/whole number from 64 to \d+, in units of kB/)
    expect(await refusal({ wal_level: 'minimal' })).toMatch(/Give one of replica, logical/)
    expect(await refusal({ no_such_thing: '1' })).toMatch(/^ResourceNotFound/)
    expect(await list()).toEqual(before)
  })

  test('what the sealed storage pins, and what names files, programs or libraries', async () => {
    for (const name of [
      'fsync',
      'io_method',
      'archive_command',
      'shared_preload_libraries',
      'dynamic_library_path',
      'ssl',
      'config_file',
      'listen_addresses',
      'password_encryption',
      'data_directory',
      'block_size',
    ])
      expect(await refusal({ [name]: 'off' }), name).toMatch(/^InvalidParameterValue The parameter \w+ is read-only\. /)
    expect(await ask('SHOW fsync')).toBe('on')
  })

  test('without the role, under a ReadOnly lock, and while the server is stopped', async () => {
    const service = await world.ctx()
    const { principal } = await createServicePrincipal(service, { displayName: 'looker' })
    await assignRole(service, { scope: serverId, roleDefinitionId: ROLE_IDS.reader, principalId: principal.objectId })
    const changes = [{ name: 'work_mem', value: '9000' }]
    const reader = { ...service, principal }
    await expect(setParameters(reader, here, { serverId, changes })).rejects.toMatchObject({
      code: 'AuthorizationFailed',
    })
    expect(await listParameters(reader, here, serverId)).not.toEqual([])
    await setLock(service, { scope: serverId, name: 'still', level: 'ReadOnly', notes: '' })
    await assignRole(service, { scope: serverId, roleDefinitionId: ROLE_IDS.owner, principalId: principal.objectId })
    await expect(setParameters(reader, here, { serverId, changes })).rejects.toMatchObject({ code: 'ScopeLocked' })
    await deleteLock(service, serverId, 'still')
    await live('stop')
    await expect(list()).rejects.toMatchObject({ code: 'ServerIsNotReady' })
    await live('start')
    expect(await ask('SHOW work_mem')).toBe('8MB')
  })
})

describe('of a server that is there', () => {
  const update = async (more: Partial<UpdateServerInput>) =>
    updateServer(await world.ctx(), { keyAccess, open: here }, { serverId, ...more })

  test('the compute size is changed by a restart, and the engine runs with what the new size gives it', async () => {
    expect(await ask('SHOW shared_buffers')).toBe('32MB')
    const { operationId } = await update({ sku: 'Standard_E2ds_v5' })
    expect((await world.server(NAME)).state).toBe('Updating')
    expect(await world.untilEnded(operationId!)).toMatchObject({ status: 'Succeeded', error: null })
    expect(await ask('SHOW shared_buffers')).toBe('64MB')
    expect(await world.server(NAME)).toMatchObject({ state: 'Ready', sku: 'Standard_E2ds_v5', tier: 'MemoryOptimized' })
  })

  test('storage grows and never shrinks, and backups that are there are kept as long as new ones', async () => {
    const { operationId } = await backUpNow(await world.ctx(), keyAccess, { serverId, name: 'kept' })
    await world.untilEnded(operationId)
    expect(await update({ storageGiB: 256, retentionDays: 35 })).toEqual({ operationId: null })
    expect(await world.server(NAME)).toMatchObject({ storageGiB: 256, backupRetentionDays: 35 })
    const { backups } = await listBackups(await world.ctx(), NAME)
    expect(backups.map((b) => b.expiresAt.slice(0, 10))).toEqual(['2030-02-05'])
    for (const fault of [{ storageGiB: 128 }, { storageGiB: 300 }, { retentionDays: 36 }, { sku: 'Standard_X1' }])
      await expect(update({ ...fault, password: 'Other-horse-7' })).rejects.toMatchObject({
        code: 'InvalidParameterValue',
      })
    expect(await ask('SELECT 1')).toBe(1)
  })

  test('a new administrator password holds for the next session, the former one no longer, and what is sealed is what the engine has', async () => {
    await expect(update({ password: 'testadmin-Horse-7' })).rejects.toMatchObject({
      fields: { password: expect.stringMatching(/login name/) },
    })
    await update({ password: 'Better-horse-8' })
    await expect(ask('SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    expect(await ask('SELECT current_user', 'Better-horse-8')).toBe('testadmin')
    const ctx = await world.ctx()
    const { sealedVerifier } = (await findServerByName(ctx.db, NAME))!
    const wrapper = await keyAccess.wrapperFor(ctx, null)
    const opened = await withDek(ctx, { serverId, role: 'primary' }, wrapper, async (dek) =>
      openUnderDek(dek, ADMINISTRATOR_SEAL, serverId, sealedVerifier!).toString(),
    )
    const stored = await asSuperuser(engine.dataPlane!.endpoint(serverId), (client) =>
      client.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'testadmin'"),
    )
    expect(stored.rows[0].rolpassword).toBe(opened)
    await update({ password: PASSWORD })
  })
})

/** The value of a parameter that is furthest from its middle, at one end or the other. */
const extreme = (p: ParameterView, end: 'min' | 'max'): string =>
  p.range?.[end] ??
  p.choices?.at(end === 'min' ? 0 : -1) ??
  (p.type === 'Boolean' ? (end === 'min' ? 'off' : 'on') : p.value)

test('whatever is allowed, the server starts: all parameters at one end of their ranges, then at the other', async () => {
  for (const end of ['max', 'min'] as const) {
    const values = Object.fromEntries(writable(await list()).map((p) => [p.name, extreme(p, end)]))
    await set(values)
    await live('restart')
    expect(await ask('SELECT 1')).toBe(1)
    const overridden = (await list()).filter((p) => p.source === 'user-override').map((p) => p.name)
    expect(overridden.sort()).toEqual(Object.keys(values).sort())
  }
})
