import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AppError } from '@/server/kernel/errors'
import { readSeal } from '../attributes'
import { copySealedFile } from '../files'
import { copySealedTree, resealTree, writeSealedFile } from '../service'
import { type Owner, walk } from '../trees'

const MANIFEST = 'manifest.json'
const DATA = 'data'
const CONTROL_FILE = join('global', 'pg_control')
const WAL_SEGMENT = /^[0-9A-F]{24}$/
/** What PostgreSQL makes anew at each start; what its own base backups leave out. */
const MADE_ANEW = /^(pg_dynshmem|pg_notify|pg_replslot|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans|log)\/./
const TEMPORARY = /(^|\/)(pgsql_tmp|pg_internal\.init|current_logfiles)/

/** Runs SQL in one session of the server that is backed up. */
export type Query = (sql: string) => Promise<Record<string, unknown>[]>

type BackedUpFile = { path: string; bytes: number; sha256: string; id: string | null }

/** What a backup says of itself; `envelope` is whatever opens it, wrapped. */
export type BackupManifest<Envelope> = { format: 1; envelope: Envelope; bytes: number; files: BackedUpFile[] }

type Backup<Envelope> = {
  dataDir: string
  /** Is made whole or not at all. */
  folder: string
  envelope: Envelope
  dek: Buffer
}

/**
 * Copies a data folder with its seals and writes a manifest. With `query` the server runs, and the copy holds all that
 * was committed when it ends; without, the server must have been shut down.
 */
export async function takeBackup<Envelope>(
  given: Backup<Envelope>,
  query: Query | null,
): Promise<BackupManifest<Envelope>> {
  const draft = `${given.folder}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { recursive: true, mode: 0o700 })
  try {
    const copy = { from: given.dataDir, to: join(draft, DATA) }
    if (query) await copyRunning(copy, query, given.dek)
    else await copySealedTree({ ...copy, skip: (path) => MADE_ANEW.test(path) || TEMPORARY.test(path) })
    const files = await describeFiles(copy.to)
    const manifest = { format: 1 as const, envelope: given.envelope, bytes: sum(files), files }
    await writeFile(join(draft, MANIFEST), JSON.stringify(manifest), { mode: 0o600, flush: true })
    await rename(draft, given.folder)
    return manifest
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw error
  }
}

const sum = (files: BackedUpFile[]): number => files.reduce((total, file) => total + file.bytes, 0)

/** Between start and stop of a backup pages may be torn: the WAL copied after it, and the label, make them whole. */
async function copyRunning({ from, to }: { from: string; to: string }, query: Query, dek: Buffer): Promise<void> {
  // Keeps the WAL of this time until the session ends.
  await query("SELECT pg_create_physical_replication_slot('portcullis_backup', true, true)")
  await query("SELECT pg_backup_start('portcullis', true)")
  await copySealedTree({
    from,
    to,
    skip: (path) =>
      MADE_ANEW.test(path) || TEMPORARY.test(path) || path === CONTROL_FILE || /^pg_wal\/[0-9A-F]{24}/.test(path),
  })
  await copySettled(join(from, CONTROL_FILE), join(to, CONTROL_FILE))
  const [stopped] = await query('SELECT labelfile FROM pg_backup_stop(false)')
  await writeSealedFile({ path: join(to, 'backup_label'), bytes: Buffer.from(String(stopped!.labelfile)), dek })
  const first = /file ([0-9A-F]{24})/.exec(String(stopped!.labelfile))![1]!
  const [last] = await query('SELECT pg_walfile_name(pg_current_wal_insert_lsn()) AS name')
  for (const name of await readdir(join(from, 'pg_wal'))) {
    if (!WAL_SEGMENT.test(name) || name < first || name > String(last!.name)) continue
    await copySealedFile(join(from, 'pg_wal', name), join(to, 'pg_wal', name))
  }
  await query("SELECT pg_drop_replication_slot('portcullis_backup')")
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
  await pipeline(createReadStream(join(root, path)), hash)
  const seal = await readSeal(join(root, path))
  const { size } = await stat(join(root, path))
  return { path, bytes: size, sha256: hash.digest('hex'), id: seal?.id.toString('hex') ?? null }
}

/**
 * Reads a backup's manifest, and looks whether every file is as it was written; needs no key.
 * @throws AppError `SealedStorageUnusable` naming what is damaged, missing or added.
 */
export async function verifyBackup<Envelope>(folder: string): Promise<BackupManifest<Envelope>> {
  const manifest = await readManifest<Envelope>(folder)
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

async function readManifest<Envelope>(folder: string): Promise<BackupManifest<Envelope>> {
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
