import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '@/server/kernel/errors'
import { realNowMs } from '@/server/kernel/time'
import { readSeal } from '../attributes'
import { copySealedFile } from '../files'
import { copySealedTree, resealTree, writeSealedFile } from '../service'
import { ignoreMissing, type Owner, walk } from '../trees'

const CHUNK_BYTES = 1 << 20
const MANIFEST = 'manifest.json'
const DATA = 'data'
const CONTROL_FILE = join('global', 'pg_control')
const WAL_FILE = /^pg_wal\/[0-9A-F]{24}/
const WAL_SEGMENT = /^[0-9A-F]{24}$/
/** What PostgreSQL makes anew at each start; what its own base backups leave out. */
const MADE_ANEW = /^(pg_dynshmem|pg_notify|pg_replslot|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans|log)\/./
const TEMPORARY = /(^|\/)(pgsql_tmp|pg_internal\.init|current_logfiles)/

/** Runs SQL in one session of the server that is backed up. */
export type Query = (sql: string) => Promise<Record<string, unknown>[]>

type BackedUpFile = {
  path: string
  bytes: number
  sha256: string
  id: string | null
  /** When the file that was copied had last been written, if long enough before; tells the next backup that it is the same. */
  changedMs?: number
}

/** What a backup says of itself; `envelope` is whatever opens it, wrapped. */
export type BackupManifest<Envelope> = { format: 1; envelope: Envelope; bytes: number; files: BackedUpFile[] }

type Backup<Envelope> = {
  dataDir: string
  /** Is made whole or not at all; what lies there is replaced. */
  folder: string
  envelope: Envelope
  dek: Buffer
  /** An earlier backup of the same data folder, if any: files that are alike are kept once. */
  previous?: string | null
  /** Asked when all is copied, before it counts: throws when the copy is not to be trusted. */
  check?: () => Promise<void>
}

/**
 * Copies a data folder with its seals and writes a manifest. With `query` the server runs, and the copy holds all that
 * was committed when it ends; without, no process may have it open. Both ways what opens it is crash recovery.
 */
export async function takeBackup<Envelope>(
  given: Backup<Envelope>,
  query: Query | null,
): Promise<BackupManifest<Envelope>> {
  const draft = `${given.folder}.new`
  await removeBackup(given.folder)
  await mkdir(draft, { recursive: true, mode: 0o700 })
  try {
    const before = await knownFiles(given.previous)
    const copy = copier(given.dataDir, join(draft, DATA), before)
    if (query) await copyRunning(copy, query, given.dek)
    else await copy.tree(isMadeAnew)
    const files = await copy.describe()
    await given.check?.()
    const manifest = { format: 1 as const, envelope: given.envelope, bytes: sum(files), files }
    await writeFile(join(draft, MANIFEST), JSON.stringify(manifest), { mode: 0o600, flush: true })
    await rename(draft, given.folder)
    return manifest
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

/** Removes a backup, and what a killed one may have left. */
export async function removeBackup(folder: string): Promise<void> {
  for (const each of [folder, `${folder}.new`]) await rm(each, { recursive: true, force: true })
}

type Known = { folder: string; files: Map<string, BackedUpFile> }

async function knownFiles(previous?: string | null): Promise<Known | null> {
  const manifest = previous && (await readBackup(previous).catch(() => null))
  if (!manifest) return null
  return { folder: join(previous, DATA), files: new Map(manifest.files.map((file) => [file.path, file])) }
}

/** A file that was written less than this before it was looked at may be written again within the same tick. */
const SETTLED_MS = 2000

type Copier = {
  from: string
  to: string
  tree(skip: (path: string) => boolean): Promise<void>
  describe(): Promise<BackedUpFile[]>
}

/**
 * Copies a data folder. Files that have not changed since the backup before are linked to its copies without being read;
 * others that turn out to be alike are linked afterwards.
 */
function copier(from: string, to: string, before: Known | null): Copier {
  const same = new Map<string, BackedUpFile>()
  const changed = new Map<string, number>()
  const look = async (path: string, settledMs: number) => {
    const status = await stat(join(from, path)).catch(ignoreMissing)
    if (!status) return
    const { mtimeMs, size } = status
    if (mtimeMs < settledMs) changed.set(path, mtimeMs)
    const known = before?.files.get(path)
    if (known?.changedMs === mtimeMs && known.bytes === size && (await isThere(join(before!.folder, path), size)))
      same.set(path, known)
  }
  return {
    from,
    to,
    async tree(skip) {
      const settledMs = realNowMs() - SETTLED_MS
      for await (const { path, isFolder } of walk(from)) if (!isFolder && !skip(path)) await look(path, settledMs)
      await copySealedTree({ from, to, skip: (path) => skip(path) || same.has(path) })
      for (const { path } of same.values()) await linkFile(join(before!.folder, path), join(to, path))
    },
    async describe() {
      const files: BackedUpFile[] = []
      for await (const { path, isFolder } of walk(to)) {
        if (isFolder) continue
        const file = same.get(path) ?? { ...(await describeFile(to, path)), changedMs: changed.get(path) }
        if (before && !same.has(path)) await shareFile(file, to, before)
        files.push(file)
      }
      return files
    },
  }
}

/** A backup that somebody damaged lends no file to the next. */
const isThere = (path: string, size: number): Promise<boolean> =>
  stat(path).then(
    (status) => status.size === size,
    () => false,
  )

const isMadeAnew = (path: string): boolean => MADE_ANEW.test(path) || TEMPORARY.test(path)

/** Keeps one copy of a file that is the same as in the backup before. */
async function shareFile(file: BackedUpFile, root: string, before: Known): Promise<void> {
  const known = before.files.get(file.path)
  if (known?.sha256 !== file.sha256 || known.id !== file.id) return
  const copy = join(before.folder, file.path)
  if (await isThere(copy, file.bytes)) await linkFile(copy, join(root, file.path))
}

async function linkFile(from: string, to: string): Promise<void> {
  const draft = `${to}.link`
  try {
    await link(from, draft)
    await rename(draft, to)
  } finally {
    // Renaming a link to a file over another link to it does nothing.
    await rm(draft, { force: true })
  }
}

const sum = (files: BackedUpFile[]): number => files.reduce((total, file) => total + file.bytes, 0)

/** Between start and stop of a backup pages may be torn: the WAL copied after it, and the label, make them whole. */
async function copyRunning(copy: Copier, query: Query, dek: Buffer): Promise<void> {
  const { from, to } = copy
  // Keeps the WAL of this time until the session ends.
  const slot = `portcullis_backup_${randomBytes(6).toString('hex')}`
  await query(`SELECT pg_create_physical_replication_slot('${slot}', true, true)`)
  await query("SELECT pg_backup_start('portcullis', true)")
  await copy.tree((path) => isMadeAnew(path) || path === CONTROL_FILE || WAL_FILE.test(path))
  await copySettled(join(from, CONTROL_FILE), join(to, CONTROL_FILE))
  const [stopped] = await query('SELECT labelfile FROM pg_backup_stop(false)')
  await writeSealedFile({ path: join(to, 'backup_label'), bytes: Buffer.from(String(stopped!.labelfile)), dek })
  const first = /file ([0-9A-F]{24})/.exec(String(stopped!.labelfile))![1]!
  const [last] = await query('SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS name')
  for (const name of await readdir(join(from, 'pg_wal'))) {
    if (!WAL_SEGMENT.test(name) || name < first || name > String(last!.name)) continue
    await copySealedFile(join(from, 'pg_wal', name), join(to, 'pg_wal', name))
  }
  await query(`SELECT pg_drop_replication_slot('${slot}')`)
}

/** The control file is rewritten in one piece; copied until two readings are alike. */
async function copySettled(from: string, to: string): Promise<void> {
  for (;;) {
    await copySealedFile(from, to)
    if ((await readFile(from)).equals(await readFile(to))) return
  }
}

async function describeFiles(root: string): Promise<BackedUpFile[]> {
  const files: BackedUpFile[] = []
  for await (const { path, isFolder } of walk(root)) if (!isFolder) files.push(await describeFile(root, path))
  return files
}

async function describeFile(root: string, path: string): Promise<BackedUpFile> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(join(root, path), { highWaterMark: CHUNK_BYTES })) hash.update(chunk)
  const seal = await readSeal(join(root, path))
  const { size } = await stat(join(root, path))
  return { path, bytes: size, sha256: hash.digest('hex'), id: seal?.id.toString('hex') ?? null }
}

/**
 * Reads a backup's manifest, and looks whether every file is as it was written; needs no key.
 * @throws AppError `SealedStorageUnusable` naming what is damaged, missing or added.
 */
export async function verifyBackup<Envelope>(folder: string): Promise<BackupManifest<Envelope>> {
  const manifest = await readBackup<Envelope>(folder)
  const found = new Map((await describeFiles(join(folder, DATA))).map((file) => [file.path, file]))
  for (const expected of manifest.files) {
    const actual = found.get(expected.path)
    found.delete(expected.path)
    if (!actual) throw damaged(folder, `the file ${expected.path} is missing`)
    if (actual.sha256 !== expected.sha256 || actual.bytes !== expected.bytes || actual.id !== expected.id)
      throw damaged(folder, `the file ${expected.path} was changed`)
  }
  for (const path of found.keys()) throw damaged(folder, `the file ${path} does not belong to it`)
  return manifest
}

/** What a backup says of itself, without a look at its files. @throws AppError `SealedStorageUnusable`. */
export async function readBackup<Envelope>(folder: string): Promise<BackupManifest<Envelope>> {
  try {
    const manifest = JSON.parse(await readFile(join(folder, MANIFEST), 'utf8')) as BackupManifest<Envelope>
    if (manifest.format === 1) return manifest
  } catch {
    throw damaged(folder, 'its manifest cannot be read')
  }
  throw damaged(folder, 'it is of a newer version of Portcullis')
}

const damaged = (folder: string, what: string) =>
  new AppError('SealedStorageUnusable', { publicMessage: `The backup in ${folder} cannot be used: ${what}.` })

/** Makes a data folder of a verified backup, sealed under another DEK: whole or not at all. */
export async function restoreBackup(given: {
  folder: string
  fromDek: Buffer
  to: string
  toDek: Buffer
  owner?: Owner
}): Promise<void> {
  await verifyBackup(given.folder)
  const draft = `${given.to}.new`
  await rm(draft, { recursive: true, force: true })
  try {
    const { fromDek, toDek, owner } = given
    await resealTree({ from: join(given.folder, DATA), fromDek, to: draft, toDek, owner })
    await rename(draft, given.to)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}
