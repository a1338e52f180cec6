import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  asSuperuser,
  clusterFolders,
  clusterStatus,
  countSessions,
  endpointOf,
  sealCounters,
} from '@/server/dataplane/service'
import type { Ctx } from '@/server/kernel/context'
import { inParallel } from '@/server/kernel/parallel'
import { monotonicMs } from '@/server/kernel/time'
import * as store from '../store'
import { sumBackups } from '../store/backups'

const AT_ONCE = 4
/** While virtual time flies an awake database is looked at once in so many real milliseconds. */
const KEPT_MS = 1000

/** What a server's database shows at one moment: real sessions, real bytes, real counts. */
export type DatabaseReading = {
  connections: number
  storageUsedBytes: number
  pagesSealed: number
  pagesOpened: number
  backupStorageUsedBytes: number
}

type Look = { connections: number; bytes: number; stillGood(): Promise<boolean> }

/**
 * Reads the databases of a tenant's servers, by resource id; servers without one are left out. None is woken: one that
 * sleeps has no connection, and its files are measured once.
 */
export function databaseReader(dataDir: string): (ctx: Ctx) => Promise<Map<string, DatabaseReading>> {
  const looks = new Map<string, Look>()
  return async (ctx) => {
    const [servers, backups] = await Promise.all([
      store.listServers(ctx.db, ctx.tenantId),
      sumBackups(ctx.db, ctx.tenantId),
    ])
    const readings = new Map<string, DatabaseReading>()
    await inParallel(servers, AT_ONCE, async ({ id }) => {
      if (clusterStatus(dataDir, id).state === 'None') return
      const known = looks.get(id)
      const look = known && (await known.stillGood()) ? known : await lookAt(dataDir, id)
      looks.set(id, look)
      const { pagesSealed, pagesOpened } = sealCounters(dataDir, id)
      readings.set(id, {
        connections: look.connections,
        storageUsedBytes: look.bytes,
        pagesSealed,
        pagesOpened,
        backupStorageUsedBytes: backups.get(id.toLowerCase()) ?? 0,
      })
    })
    return readings
  }
}

async function lookAt(dataDir: string, serverId: string): Promise<Look> {
  const { data } = clusterFolders(dataDir, serverId)
  const isAwake = () => clusterStatus(dataDir, serverId).state === 'Awake'
  const changedMs = () => stat(join(data, 'global', 'pg_control')).then((status) => status.mtimeMs)
  const [awake, before, atMs] = [isAwake(), await changedMs(), monotonicMs()]
  const connections = awake
    ? // One that falls asleep, or is killed, at this moment has none.
      await asSuperuser(endpointOf(dataDir, serverId), countSessions).catch(() => 0)
    : 0
  return {
    connections,
    bytes: await bytesOf(data),
    stillGood: async () =>
      isAwake() === awake && (awake ? monotonicMs() - atMs < KEPT_MS : (await changedMs()) === before),
  }
}

async function bytesOf(folder: string): Promise<number> {
  let bytes = 0
  for (const file of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (file.isFile()) bytes += await sizeOf(join(file.parentPath, file.name))
  return bytes
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )
