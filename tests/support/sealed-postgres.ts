import { type ChildProcess, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '@/server/cli/ports'
import { findPostgresBinaries } from '@/server/kernel/postgres-binaries'
import { realSleep } from '@/server/kernel/time'
import { ensureSealLibrary, sealTree, spawnSealed } from '@/server/storage/service'

const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined
const binaries = findPostgresBinaries()

/** A folder that the server's user may pass through. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-sealed-'))
  chmodSync(folder, 0o755)
  return folder
}

/** A plain cluster of `initdb`, for sealing: user postgres, trusted from this machine. */
export function makePlainCluster(folder: string): string {
  const plain = join(folder, 'plain')
  mkdirSync(plain)
  if (NOBODY) chownSync(plain, NOBODY.uid, NOBODY.gid)
  const args = ['-D', plain, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  const { status, stderr } = spawnSync(binaries.initdb, args, {
    ...NOBODY,
    encoding: 'utf8',
    env: { LC_ALL: 'C' } as never,
  })
  if (status !== 0) throw new Error(stderr)
  return plain
}

export async function sealedClusterOf(plain: string, to: string, dek: Buffer): Promise<void> {
  await sealTree({ from: plain, to, dek, owner: NOBODY })
}

export type SealedServer = { child: ChildProcess; port: number; output: () => string; ended: Promise<number | null> }

/** Starts `postgres` on a sealed folder without waiting for it. */
export async function launch(
  dataDir: string,
  dek: Buffer,
  settings: Record<string, string> = {},
): Promise<SealedServer> {
  const library = await ensureSealLibrary()
  if (!library.available) throw new Error(library.reason)
  const port = await freePort()
  const all = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '16MB',
    ...settings,
  }
  const child = spawnSealed({
    library: library.path,
    bin: binaries.postgres,
    args: ['-D', dataDir, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    dek,
    dataDir,
    countersPath: `${dataDir}.counters`,
    env: { LC_ALL: 'C', TZ: 'UTC' } as never,
    ...NOBODY,
    // A process group of its own, so that all of it can be killed at once.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, port, output: () => output, ended }
}

/** Starts a server and waits until it answers. @throws Error with what it wrote when it ends instead. */
export async function startSealed(
  dataDir: string,
  dek: Buffer,
  settings?: Record<string, string>,
): Promise<SealedServer> {
  const server = await launch(dataDir, dek, settings)
  let over = false
  server.ended.then(() => (over = true))
  for (;;) {
    const client = await connect(server.port).catch(() => undefined)
    if (client) {
      await client.end()
      return server
    }
    if (over) throw new Error(server.output())
    await realSleep(30)
  }
}

export async function connect(port: number): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

export async function sql(port: number, text: string): Promise<Record<string, unknown>[]> {
  const client = await connect(port)
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

export async function stop(server: SealedServer, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  server.child.kill(signal)
  await server.ended
}

export const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true })
