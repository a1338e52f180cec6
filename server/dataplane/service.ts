import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { monotonicMs } from '@/server/kernel/time'
import type { SealLibrary } from '@/server/storage/model'
import { readCounters } from '@/server/storage/service'
import type { BackupManifest } from '@/server/storage/service/backup'
import {
  type BackupPlace,
  backUpCluster,
  backupEnvelope,
  dropBackup,
  dropBackups,
  restoreInto,
  verifyClusterBackup,
} from './backups'
import { createCluster, destroyCluster, fromTemplate } from './create'
import { endpointAt, homeOf, makeServersFolder, serversFolder } from './layout'
import { prepareMachine, usable } from './machine'
import type { Availability, ClusterStatus, ComputeSize, Endpoint, LendDek } from './model'
import { killAll, readPostmaster, shutDown } from './postmaster'
import { type Started, startCluster } from './start'

export { type BackupPlace, backupEnvelope, backupsOf } from './backups'
export { runStatements } from './console'
export {
  countSessions,
  createDatabase,
  dropDatabase,
  installAdministrator,
  listDatabases,
  listSettings,
  type SettingRow,
  setParameters,
} from './inside'
export { listDatabaseNames, listTables } from './relations'
export { asSuperuser } from './superuser'

const SHUTDOWN_TIMEOUT_MS = 15_000

/** The clusters of one engine. Any engine may put an end to a cluster; it is held by the one that woke it. */
export type DataPlane = {
  availability: Availability
  /** Makes a server's cluster, sealed under its DEK. May run twice: a cluster of the same `generation` stays. */
  create(serverId: string, generation: string, lend: LendDek): Promise<void>
  /** Starts a cluster unless it runs, here or under another engine. @throws AppError with the reason it does not open. */
  wake(serverId: string, size: ComputeSize, lend: LendDek): Promise<Endpoint>
  /** Ends it after a checkpoint. */
  stop(serverId: string): Promise<void>
  /** Ends all its processes at once: its DEK is in no memory any more. */
  kill(serverId: string): Promise<void>
  /** Kills it and removes all its files. */
  destroy(serverId: string): Promise<void>
  /** Counts a use, so that it does not fall asleep; the answer ends the use. */
  use(serverId: string): () => void
  /** Clusters that this engine holds and that nothing has used for so long (real time). */
  idleFor(ms: number): string[]
  held(): string[]
  has(serverId: string): boolean
  endpoint(serverId: string): Endpoint
  /** Takes a backup of a cluster, awake or not. May run twice: what lies there is replaced. */
  backUp<E>(
    place: BackupPlace,
    given: { previousId: string | null; envelope: E; lend: LendDek },
  ): Promise<BackupManifest<E>>
  /** Holds a backup's files against its manifest. @returns how many there are. @throws AppError naming what was changed. */
  verifyBackup(place: BackupPlace): Promise<number>
  /** The envelope that a backup was taken with. */
  backupEnvelope<E>(place: BackupPlace): Promise<E>
  dropBackup(place: BackupPlace): Promise<void>
  /** Removes all backups of a server. */
  dropBackups(serverId: string): Promise<void>
  /** Makes a server's cluster from a backup, sealed under its own DEK. May run twice, as `create`. */
  restore(serverId: string, generation: string, from: BackupPlace & { lend: LendDek }, lend: LendDek): Promise<void>
  /** Kills what engines that are no more left behind, with the keys in its memory. */
  killOrphans(): Promise<void>
  /** Stops all that this engine holds. */
  close(): Promise<void>
}

/** A cluster's state as the machine shows it, for any process that sees the data folder. */
export function clusterStatus(dataDir: string, serverId: string): ClusterStatus {
  const home = homeOf(dataDir, serverId)
  const running = readPostmaster(home.data)
  if (running) return { state: 'Awake', pid: running.pid, sinceMs: running.startedMs }
  return hasCluster(dataDir, serverId) ? { state: 'Asleep' } : { state: 'None' }
}

export const hasCluster = (dataDir: string, serverId: string): boolean => existsSync(homeOf(dataDir, serverId).manifest)

/** What sealing has counted for a cluster since it was made. */
export const sealCounters = (dataDir: string, serverId: string) => readCounters(homeOf(dataDir, serverId).counters)

/** Where a cluster's files lie: all of them, and PostgreSQL's own, which are sealed. */
export function clusterFolders(dataDir: string, serverId: string): { folder: string; data: string } {
  const { folder, data } = homeOf(dataDir, serverId)
  return { folder, data }
}

/** Where a cluster takes connections while it is awake. */
export const endpointOf = (dataDir: string, serverId: string): Endpoint => endpointAt(homeOf(dataDir, serverId))

type Held = { started: Promise<Started>; uses: number; lastUsedMs: number }

export function createDataPlane(init: { dataDir: string; library: SealLibrary }): DataPlane {
  const { dataDir, library } = init
  const machine = prepareMachine(dataDir, library)
  const held = new Map<string, Held>()
  const key = (serverId: string) => serverId.toLowerCase()
  if (machine.available) makeServersFolder(dataDir)

  async function settled(serverId: string): Promise<void> {
    await held.get(key(serverId))?.started.catch(() => undefined)
  }

  const plane: DataPlane = {
    availability: machine.available ? { available: true } : { available: false, reason: machine.reason },
    async create(serverId, generation, lend) {
      const ready = usable(machine)
      const destroy = () => plane.destroy(serverId)
      await createCluster(homeOf(dataDir, serverId), { serverId, generation }, fromTemplate(ready, lend), destroy)
    },
    async restore(serverId, generation, from, lend) {
      const ready = usable(machine)
      const fill = (data: string) => restoreInto(ready, from, { data, lend })
      const destroy = () => plane.destroy(serverId)
      await createCluster(homeOf(dataDir, serverId), { serverId, generation }, fill, destroy)
    },
    backUp: (place, given) => backUpCluster(dataDir, place, given),
    verifyBackup: (place) => verifyClusterBackup(dataDir, place),
    backupEnvelope: (place) => backupEnvelope(dataDir, place),
    dropBackup: (place) => dropBackup(dataDir, place),
    dropBackups: (serverId) => dropBackups(dataDir, serverId),
    async wake(serverId, size, lend) {
      const ready = usable(machine)
      const home = homeOf(dataDir, serverId)
      const known = held.get(key(serverId))
      if (known) {
        const started = await known.started
        if (!started.over()) return endpointOf(dataDir, serverId)
        held.delete(key(serverId))
      }
      const entry: Held = { started: startCluster(ready, home, size, lend), uses: 0, lastUsedMs: monotonicMs() }
      held.set(key(serverId), entry)
      try {
        const started = await entry.started
        // Another engine holds it: its socket is as good.
        if (!started.ours) held.delete(key(serverId))
        return endpointOf(dataDir, serverId)
      } catch (error) {
        held.delete(key(serverId))
        throw error
      }
    },
    async stop(serverId) {
      await settled(serverId)
      const running = readPostmaster(homeOf(dataDir, serverId).data)
      if (running) await shutDown(running.pid, SHUTDOWN_TIMEOUT_MS)
      held.delete(key(serverId))
    },
    async kill(serverId) {
      await settled(serverId)
      const running = readPostmaster(homeOf(dataDir, serverId).data)
      if (running) await killAll(running.pid)
      held.delete(key(serverId))
    },
    async destroy(serverId) {
      await plane.kill(serverId)
      destroyCluster(homeOf(dataDir, serverId))
    },
    use(serverId) {
      const entry = held.get(key(serverId))
      if (!entry) return () => undefined
      entry.uses++
      let ended = false
      return () => {
        if (ended) return
        ended = true
        entry.uses--
        entry.lastUsedMs = monotonicMs()
      }
    },
    idleFor: (ms) =>
      [...held].filter(([, h]) => h.uses === 0 && monotonicMs() - h.lastUsedMs >= ms).map(([serverId]) => serverId),
    held: () => [...held.keys()],
    has: (serverId) => hasCluster(dataDir, serverId),
    endpoint: (serverId) => endpointOf(dataDir, serverId),
    async killOrphans() {
      if (!existsSync(serversFolder(dataDir))) return
      for (const name of readdirSync(serversFolder(dataDir))) {
        const running = readPostmaster(join(serversFolder(dataDir), name, 'data'))
        if (running && !running.owned) await killAll(running.pid)
      }
    },
    async close() {
      await Promise.all([...held.keys()].map((serverId) => plane.stop(serverId)))
    },
  }
  return plane
}
