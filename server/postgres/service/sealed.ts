import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  asSuperuser,
  backupsOf,
  clusterFolders,
  clusterStatus,
  endpointOf,
  listDatabaseNames,
  listTables,
} from '@/server/dataplane/service'
import type { KeyAccess } from '@/server/encryption/model'
import { withDek } from '@/server/encryption/service'
import { can } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError, isAppError } from '@/server/kernel/errors'
import { readPage, readSealId, scanFile } from '@/server/storage/service'
import type { SealedPageView, SealedSearchView, SealedTablesView } from '../contract'
import { keyUses, type ServerRecord } from '../model'
import { openByEngine } from '../open'
import * as store from '../store'
import { Needle } from './needle'
import { ACTIONS, getServer } from './read-servers'

/** What reading sealed storage needs of this process. */
export type SealedDeps = { keyAccess: KeyAccess; dataDir: string }

const PAGE_BYTES = 8192
const RELATION_FILE = /^(base\/\d+|global)\/\d+(\.\d+)?$/

/**
 * Databases and tables with their files. Only those may see them who may reset the administrator's password: they can
 * read everything anyway. @throws AppError `AuthorizationFailed`, `ServerIsNotReady`, `DataPlaneUnavailable`.
 */
export async function listSealedTables(
  ctx: Ctx,
  { dataDir }: SealedDeps,
  { name, database }: { name: string; database: string },
): Promise<SealedTablesView> {
  const server = await requireReader(ctx, name)
  const endpoint = await openByEngine(dataDir)(ctx, server)
  return {
    databases: await asSuperuser(endpoint, listDatabaseNames),
    tables: await asSuperuser(endpoint, listTables, database),
  }
}

/**
 * One page of a file, as it lies on the disk and, when the server's key can be used now, as PostgreSQL sees it. The DEK
 * is unwrapped for it by the server's own identity and wiped. @throws AppError `AuthorizationFailed`, `BadParameter`.
 */
export async function readSealedPage(
  ctx: Ctx,
  deps: SealedDeps,
  { name, file, page }: { name: string; file: string; page: number },
): Promise<SealedPageView> {
  if (!RELATION_FILE.test(file)) throw new AppError('BadParameter', { publicMessage: `"${file}" is no table's file.` })
  const server = await requireReader(ctx, name)
  await flush(deps.dataDir, server)
  const path = join(clusterFolders(deps.dataDir, server.id).data, file)
  const [size, { version, id }] = await Promise.all([sizeOf(path, file), readSealId(path)])
  const lent = await lend(ctx, deps, server, (dek) => readPage({ path, dek, page }))
  const sealed = lent.value?.sealed ?? (await rawPage(path, page))
  return {
    file,
    fileId: id.toString('hex'),
    formatVersion: version,
    page,
    pages: Math.ceil(size / PAGE_BYTES),
    sealed: sealed.toString('base64'),
    opened: lent.value?.opened.toString('base64') ?? null,
    refusal: lent.refusal,
  }
}

/**
 * Counts a word in every byte of the server's folder and of its backups as they lie on the disk, and in what those bytes open to when the
 * key can be used now. The word is kept nowhere. @throws AppError `AuthorizationFailed`.
 */
export async function searchSealed(
  ctx: Ctx,
  deps: SealedDeps,
  { name, word }: { name: string; word: string },
): Promise<SealedSearchView> {
  const server = await requireReader(ctx, name)
  await flush(deps.dataDir, server)
  const { folder, data } = clusterFolders(deps.dataDir, server.id)
  const places = { data, backups: backupsOf(deps.dataDir, server.id) }
  const files = [...(await filesBelow(folder)), ...(await filesBelow(places.backups).catch(() => []))]
  const lent = await lend(ctx, deps, server, (dek) => searchFiles(files, places, word, dek))
  const found = lent.value ?? (await searchFiles(files, places, word, null))
  return { ...found, refusal: lent.refusal }
}

type Found = Omit<SealedSearchView, 'refusal'>

type Places = { data: string; backups: string }

async function searchFiles(files: string[], places: Places, word: string, dek: Buffer | null): Promise<Found> {
  const found: Found = { files: 0, bytes: 0, raw: 0, rawFiles: [], opened: dek ? [] : null, unsealed: [] }
  const byKind = new Map<string, number>()
  const seen = new Set<number>()
  for (const path of files) {
    // Backups share files that did not change.
    const { ino } = await stat(path).catch(() => ({ ino: 0 }))
    if (seen.has(ino)) continue
    seen.add(ino)
    const inBackups = path.startsWith(`${places.backups}/`)
    const inside = inBackups || path.startsWith(`${places.data}/`)
    const sealed = inside && (await isSealed(path))
    const [raw, opened] = [new Needle(word), new Needle(word)]
    const read = await scanFile({
      path,
      dek: sealed ? dek : null,
      part(bytes, clear) {
        raw.feed(bytes)
        if (clear) opened.feed(clear)
      },
    }).catch(goneMeanwhile)
    if (read === null) continue
    found.files++
    found.bytes += read
    found.raw += raw.count
    const shown = shownName(path, places)
    if (raw.count) found.rawFiles.push(shown)
    if (!sealed) found.unsealed.push(shown)
    if (opened.count) byKind.set(kindOf(shown), (byKind.get(kindOf(shown)) ?? 0) + opened.count)
  }
  if (dek) found.opened = [...byKind].map(([kind, matches]) => ({ kind, matches }))
  return found
}

function shownName(path: string, { data, backups }: Places): string {
  if (path.startsWith(`${backups}/`)) return `backups/${path.slice(backups.length + 1)}`
  return path.startsWith(`${data}/`) ? path.slice(data.length + 1) : path.slice(path.lastIndexOf('/') + 1)
}

function kindOf(file: string): string {
  if (file.startsWith('backups/')) return 'Backups'
  if (file.startsWith('pg_wal/')) return 'Write-ahead log'
  if (file.includes('pgsql_tmp')) return 'Temporary files'
  if (/^(base|global)\//.test(file)) return 'Tables and indexes'
  if (/^(log|pg_log)\//.test(file)) return 'Logs'
  return 'Other files'
}

/** A file that PostgreSQL removed while we went through the folder. */
function goneMeanwhile(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}

const isSealed = (path: string): Promise<boolean> =>
  readSealId(path).then(
    () => true,
    () => false,
  )

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

/** Runs with the server's DEK; what identity or key store refuse is told, in their own words. */
async function lend<T>(
  ctx: Ctx,
  { keyAccess }: SealedDeps,
  server: ServerRecord,
  use: (dek: Buffer) => Promise<T>,
): Promise<{ value: T | null; refusal: { code: string; message: string } | null }> {
  try {
    const wrapper = await keyAccess.wrapperFor(ctx, keyUses(server)[0]!.identity)
    return { value: await withDek(ctx, { serverId: server.id, role: 'primary' }, wrapper, use), refusal: null }
  } catch (error) {
    if (!isAppError(error)) throw error
    return { value: null, refusal: { code: error.code, message: error.publicMessage } }
  }
}

async function requireReader(ctx: Ctx, name: string): Promise<ServerRecord> {
  const { id } = await getServer(ctx, name)
  const permission = await can(ctx, ACTIONS.resetPassword, id)
  if (!permission.allowed) throw new AppError('AuthorizationFailed', { publicMessage: permission.reason })
  const server = await store.findServer(ctx.db, { id })
  if (!server) throw new AppError('ResourceNotFound', { publicMessage: `There is no server ${name}.` })
  return server
}

/** Brings what an awake database has changed onto the disk; a sleeping one has it all there. */
async function flush(dataDir: string, server: ServerRecord): Promise<void> {
  if (clusterStatus(dataDir, server.id).state !== 'Awake') return
  await asSuperuser(endpointOf(dataDir, server.id), (client) => client.query('CHECKPOINT')).catch(() => undefined)
}

async function sizeOf(path: string, file: string): Promise<number> {
  const found = await stat(path).catch(() => null)
  if (found) return found.size
  throw new AppError('ResourceNotFound', {
    publicMessage: `There is no file ${file} any more. Choose the table again.`,
  })
}

async function rawPage(path: string, page: number): Promise<Buffer> {
  let raw = Buffer.alloc(0)
  await scanFile({
    path,
    dek: null,
    from: page * PAGE_BYTES,
    length: PAGE_BYTES,
    part: (bytes) => (raw = Buffer.concat([raw, bytes])),
  })
  return raw
}
