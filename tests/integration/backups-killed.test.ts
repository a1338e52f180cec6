import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { isAdvanceDone, requestAdvance } from '@/server/clock/service'
import { clusterFolders } from '@/server/dataplane/service'
import { stableId } from '@/server/kernel/ids'
import { realSleep } from '@/server/kernel/time'
import { backUpNow, listBackups, restoreServer } from '@/server/postgres/service'
import { verifyBackup } from '@/server/storage/service/backup'
import { serverBehindGateway, startEngineProcess } from '../support/gateway-crash'
import { TENANT_ID } from '../support/tenant'

vi.setConfig({ testTimeout: 240_000 })

const NAME = 'killed-backups'
const behind = await serverBehindGateway(NAME)
const { world, config, serverId } = behind
const { keyAccess } = world.engine.wiring
afterAll(async () => {
  behind.engine.kill('SIGTERM')
  await behind.close()
})

const folder = join(config.dataDir, 'backups', stableId(serverId.toLowerCase()))
const namesIn = (path: string) => (existsSync(path) ? readdirSync(path) : [])
const halves = () => [...namesIn(folder), ...namesIn(join(config.dataDir, 'servers'))].filter((n) => n.endsWith('.new'))

/** Kills the engine while files are being copied, and starts another. */
async function killWhileCopying(): Promise<void> {
  while (halves().length === 0) await realSleep(1)
  await realSleep(20)
  const ended = new Promise((resolve) => behind.engine.once('exit', resolve))
  behind.engine.kill('SIGKILL')
  await ended
  expect(halves()).toHaveLength(1)
  behind.engine = await startEngineProcess(config)
}

const kept = async () => (await listBackups(await world.ctx(), NAME)).backups

test('an engine that is killed while it takes a backup leaves nothing half: another takes it whole', async () => {
  const { operationId } = await backUpNow(await world.ctx(), keyAccess, { serverId, name: 'by-hand' })
  await killWhileCopying()
  expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded', error: null })
  expect(await kept()).toMatchObject([{ name: 'by-hand', status: 'Succeeded' }])
  const [only, ...more] = readdirSync(folder)
  expect(more).toEqual([])
  expect((await verifyBackup(join(folder, only!))).files.length).toBeGreaterThan(900)
})

test('an automatic backup that is interrupted is taken again, and once', async () => {
  const epoch = await requestAdvance(await world.ctx(), 1800)
  await killWhileCopying()
  while (!(await isAdvanceDone(world.engine.db, TENANT_ID, epoch))) await realSleep(10)
  expect(await kept()).toMatchObject([
    { type: 'Automatic', status: 'Succeeded' },
    { type: 'OnDemand', status: 'Succeeded' },
  ])
  expect(readdirSync(folder).filter((name) => name.endsWith('.new'))).toEqual([])
  for (const name of readdirSync(folder)) await verifyBackup(join(folder, name))
})

test('a restore that is interrupted ends with the whole server', async () => {
  const { dataDir } = config
  const input = { serverId, backupName: 'by-hand', name: 'killed-restored', encryption: null }
  const restored = await restoreServer(await world.ctx(), { keyAccess, dataDir }, input)
  await killWhileCopying()
  expect(await world.untilEnded(restored.operationId)).toMatchObject({ status: 'Succeeded', error: null })
  expect((await world.server('killed-restored')).state).toBe('Ready')
  expect(existsSync(join(clusterFolders(dataDir, restored.serverId).data, 'global/pg_control'))).toBe(true)
  expect(halves()).toEqual([])
})
