import { readFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError, isAppError } from '@/server/kernel/errors'
import { stableId } from '@/server/kernel/ids'
import { monotonicMs, realSleep } from '@/server/kernel/time'
import {
  type BackupManifest,
  readBackup,
  removeBackup,
  restoreBackup,
  takeBackup,
  verifyBackup,
} from '@/server/storage/service/backup'
import { readManifest } from './create'
import { endpointAt, type Home, homeOf } from './layout'
import type { Machine } from './machine'
import type { LendDek } from './model'
import { readPostmaster } from './postmaster'
import { asSuperuser } from './superuser'

const READY_TIMEOUT_MS = 60_000
const POLL_MS = 20

/** One backup of one server. */
export type BackupPlace = { serverId: string; backupId: string }

/** Where the backups of a server lie. */
export const backupsOf = (dataDir: string, serverId: string): string =>
  join(dataDir, 'backups', stableId(serverId.toLowerCase()))
const folderOf = (dataDir: string, { serverId, backupId }: BackupPlace): string =>
  join(backupsOf(dataDir, serverId), backupId)

/**
 * Copies a cluster with its seals: of an awake one between the start and stop of a backup, of one at rest as it lies
 * there, without waking it. The DEK is lent in any case: what could not be opened today is no backup.
 */
export async function backUpCluster<Envelope>(
  dataDir: string,
  place: BackupPlace,
  given: { previousId: string | null; envelope: Envelope; lend: LendDek },
): Promise<BackupManifest<Envelope>> {
  const home = homeOf(dataDir, place.serverId)
  if (!readManifest(home)) throw unavailable('Its database files are not in the data folder.')
  const previous = given.previousId && folderOf(dataDir, { ...place, backupId: given.previousId })
  const { envelope } = given
  await mkdir(backupsOf(dataDir, place.serverId), { recursive: true, mode: 0o700 })
  return given.lend(async (dek) => {
    const backup = { dataDir: home.data, folder: folderOf(dataDir, place), envelope, dek, previous }
    try {
      if (!readPostmaster(home.data)) {
        const atRest = stillAtRest(home)
        const manifest = await takeBackup({ ...backup, check: atRest.check }, null).catch(atRest.orWoken)
        if (manifest) return manifest
      }
      await untilReady(home)
      return await asSuperuser(endpointAt(home), (client) =>
        takeBackup(backup, async (sql) => (await client.query(sql)).rows),
      )
    } catch (error) {
      throw told(error)
    }
  })
}

/** Finds out whether a server woke while its files were copied: then it wrote its control file, or is still awake. */
function stillAtRest(home: Home) {
  const control = () => readFileSync(join(home.data, 'global', 'pg_control'))
  const before = control()
  let woken = false
  return {
    async check() {
      woken = readPostmaster(home.data) !== null || !control().equals(before)
      if (woken) throw new Error('The server was opened while it was backed up.')
    },
    orWoken(error: Error): null {
      if (woken || readPostmaster(home.data)) return null
      throw error
    },
  }
}

async function untilReady(home: Home): Promise<void> {
  const deadline = monotonicMs() + READY_TIMEOUT_MS
  while (!readPostmaster(home.data)?.ready) {
    if (monotonicMs() > deadline) throw unavailable('It did not become ready in time.')
    await realSleep(POLL_MS)
  }
}

/** What a person can do something about, in words. */
function told(error: unknown): unknown {
  if (isAppError(error)) return error
  if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return unavailable('The disk is full: free some space.')
  return new AppError('DataPlaneUnavailable', {
    publicMessage: 'The server could not be backed up: its database was stopped, or refused, while it was copied.',
    cause: error,
    internal: String(error),
  })
}

const unavailable = (why: string) =>
  new AppError('DataPlaneUnavailable', { publicMessage: `The server could not be backed up. ${why}` })

/** Makes the data folder of a new cluster from a backup, sealed under another DEK. */
export const restoreInto = (
  machine: Machine,
  from: BackupPlace & { lend: LendDek },
  to: { data: string; lend: LendDek },
): Promise<void> => {
  const owner = machine.owner === undefined ? undefined : { uid: machine.owner, gid: machine.owner }
  const folder = folderOf(machine.dataDir, from)
  return from.lend((fromDek) => to.lend((toDek) => restoreBackup({ folder, fromDek, to: to.data, toDek, owner })))
}

/** The envelope with which a backup was taken. @throws AppError `SealedStorageUnusable` when the backup cannot be read. */
export const backupEnvelope = async <Envelope>(dataDir: string, place: BackupPlace): Promise<Envelope> =>
  (await readBackup<Envelope>(folderOf(dataDir, place))).envelope

/** Reads every file of a backup and holds it against its manifest; needs no key. */
export const verifyClusterBackup = (dataDir: string, place: BackupPlace) =>
  verifyBackup(folderOf(dataDir, place)).then((manifest) => manifest.files.length)

export const dropBackup = (dataDir: string, place: BackupPlace): Promise<void> => removeBackup(folderOf(dataDir, place))

/** Removes all backups of a server. */
export const dropBackups = (dataDir: string, serverId: string): Promise<void> =>
  rm(backupsOf(dataDir, serverId), { recursive: true, force: true })
