import { type ChildProcess, type SpawnOptions, type StdioOptions, spawn } from 'node:child_process'
import { chownSync, closeSync, existsSync, ftruncateSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { buildAttributes, buildLibrary, whyNot } from './build'
import { copySealedFile, readBoth, resealFile, scan, sealFile, sealOf, writeSealed } from './files'
import { type Counters, PINNED_SETTINGS, type SealLibrary, UNIT_BYTES } from './model'
import { copyTree, ignoreMissing, type TreeOptions } from './trees'

const COUNTERS_BYTES = 32
const KEY_FD = 3

let library: Promise<SealLibrary> | undefined

/** Compiles what sealing needs, once; says why where it cannot be had. */
export const ensureSealLibrary = (): Promise<SealLibrary> => (library ??= findLibrary())

async function findLibrary(): Promise<SealLibrary> {
  const reason = whyNot()
  if (reason) return { available: false, reason }
  try {
    const [{ path }] = await Promise.all([buildLibrary(), buildAttributes()])
    return { available: true, path }
  } catch (error) {
    return { available: false, reason: (error as Error).message }
  }
}

export type SealedProcess = {
  /** Of `ensureSealLibrary`. */
  library: string
  /** `postgres`, and its arguments; the settings that sealing needs are added. */
  bin: string
  args: string[]
  /** 32 bytes; handed over by a pipe. The caller wipes its own copy. */
  dek: Buffer
  dataDir: string
  /** A file outside the data folder; made when it is missing. */
  countersPath: string
  /** The whole environment; nothing of ours is handed down beside it. */
  env: NodeJS.ProcessEnv
  uid?: number
  gid?: number
  detached?: boolean
  /** Of descriptors 0 to 2. */
  stdio?: StdioOptions
}

/** Starts a program whose every file in the data folder is sealed. */
export function spawnSealed(given: SealedProcess): ChildProcess {
  const { library, bin, args, dek, dataDir, countersPath, stdio = 'ignore' } = given
  makeCounters(countersPath, given.uid, given.gid)
  const settings = Object.entries(PINNED_SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const environment = {
    ...given.env,
    LD_PRELOAD: library,
    PORTCULLIS_SEAL_FOLDER: dataDir,
    PORTCULLIS_SEAL_COUNTERS: countersPath,
    PORTCULLIS_SEAL_KEY_FD: String(KEY_FD),
  }
  const options: SpawnOptions = {
    cwd: dataDir,
    uid: given.uid,
    gid: given.gid,
    detached: given.detached,
    stdio: [...(typeof stdio === 'string' ? [stdio, stdio, stdio] : stdio), 'pipe'],
    env: environment,
  }
  const child: ChildProcess = spawn(bin, [...args, ...settings], options)
  const pipe = child.stdio[KEY_FD] as Writable | null | undefined
  const copy = Buffer.from(dek)
  // A program that ended before it read the key says why by its exit code.
  pipe?.on('error', () => undefined)
  pipe?.end(copy, () => copy.fill(0))
  return child
}

function makeCounters(path: string, uid?: number, gid?: number): void {
  if (existsSync(path)) return
  const file = openSync(path, 'a', 0o600)
  ftruncateSync(file, COUNTERS_BYTES)
  closeSync(file)
  if (uid !== undefined) chownSync(path, uid, gid ?? uid)
}

/** What the library counted; zeros before the first start. The order is that of native/start.c. */
export function readCounters(path: string): Counters {
  const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(COUNTERS_BYTES)
  const at = (index: number) => Number(bytes.readBigUInt64LE(8 * index))
  return { pagesSealed: at(0), pagesOpened: at(1), bytesSealed: at(2), bytesOpened: at(3) }
}

type Tree = { from: string; to: string } & TreeOptions

/** Makes a sealed data folder of a plain one that no server runs on. */
export const sealTree = ({ from, to, dek, ...options }: Tree & { dek: Buffer }): Promise<void> =>
  copyTree(from, to, (file, target) => sealFile(file, target, dek), options)

/** Makes a data folder under another DEK. @throws AppError `SealedStorageUnusable` when `fromDek` is not that of `from`. */
export const resealTree = ({
  from,
  fromDek,
  to,
  toDek,
  ...options
}: Tree & { fromDek: Buffer; toDek: Buffer }): Promise<void> =>
  copyTree(from, to, (file, target) => resealFile(file, fromDek, target, toDek), options)

/** Copies a data folder as it lies there; needs no key. A running server may remove files meanwhile. */
export const copySealedTree = ({ from, to, ...options }: Tree): Promise<void> =>
  copyTree(from, to, (file, target) => copySealedFile(file, target).catch(ignoreMissing), options)

/** Writes a small file into a data folder, sealed. */
export const writeSealedFile = ({ path, bytes, dek }: { path: string; bytes: Buffer; dek: Buffer }): Promise<void> =>
  writeSealed(path, bytes, dek)

/** Page `page` of 8 KiB of a file, as it lies on the disk and as the server sees it; empty after the end. */
export const readPage = ({
  path,
  dek,
  page,
}: {
  path: string
  dek: Buffer
  page: number
}): Promise<{ sealed: Buffer; opened: Buffer }> => readBoth(path, dek, page * UNIT_BYTES, UNIT_BYTES)

/** Version of the format and id of a sealed file. @throws AppError `SealedStorageUnusable` when it is not sealed. */
export const readSealId = async (path: string): Promise<{ version: number; id: Buffer }> => {
  const { version, id } = await sealOf(path)
  return { version, id }
}

/**
 * Hands the bytes of a file to `part`, in order, as they lie on the disk and, with a DEK, as the server sees them.
 * `from` is a multiple of 8 KiB. The buffers are wiped afterwards: copy what is kept. @returns how many bytes there were.
 */
export const scanFile = (init: {
  path: string
  dek: Buffer | null
  from?: number
  length?: number
  part: (sealed: Buffer, opened: Buffer | null) => void
}): Promise<number> => scan(init)

/**
 * Looks whether a data folder is sealed in a format that is known here, and under this DEK when one is given.
 * @throws AppError `SealedStorageUnusable` that says what is wrong.
 */
export async function checkFormat(dataDir: string, dek?: Buffer): Promise<void> {
  const path = join(dataDir, 'global', 'pg_control')
  await sealOf(path)
  if (dek) await readBoth(path, dek, 0, 0)
}
