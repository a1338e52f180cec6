import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@/server/kernel/errors'
import { monotonicMs, realSleep } from '@/server/kernel/time'
import { checkFormat, spawnSealed } from '@/server/storage/service'
import { readManifest } from './create'
import { type Home, makeSocketFolder } from './layout'
import type { Machine } from './machine'
import { type ComputeSize, ENGINE_VERSION, type LendDek } from './model'
import { killAll, ownerSetting, readPostmaster } from './postmaster'
import { configText, defaultsFor, HBA_TEXT, identText, PINNED } from './settings'
import { serverEnvironment } from './template'

const READY_TIMEOUT_MS = 60_000
const POLL_MS = 5
const KEPT_OUTPUT = 4000

export type Started = { ours: boolean; over(): boolean }

/**
 * Starts the cluster of a folder, unless it runs already under a living engine. One that a dead engine left behind is
 * killed first. The key goes to the new process through a pipe.
 * @throws AppError `DataPlaneUnavailable` with the reason; the key store's own errors when the DEK cannot be had.
 */
export async function startCluster(machine: Machine, home: Home, size: ComputeSize, lend: LendDek): Promise<Started> {
  await refuseForeign(home)
  const running = readPostmaster(home.data)
  if (running?.owned) return untilOtherIsReady(home)
  if (running) await killAll(running.pid)
  // The number in it may belong to another process by now, which PostgreSQL would take for a running server.
  rmSync(join(home.data, 'postmaster.pid'), { force: true })
  rmSync(home.socketFolder, { recursive: true, force: true })
  makeSocketFolder(home, machine.dataDir, machine.owner)
  writeFileSync(home.configFile, configText(defaultsFor(size)))
  writeFileSync(home.hbaFile, HBA_TEXT)
  writeFileSync(home.identFile, identText(machine.systemUser))
  return untilReady(home, await lend(async (dek) => spawnPostgres(machine, home, dek)))
}

async function refuseForeign(home: Home): Promise<void> {
  const manifest = readManifest(home)
  if (!manifest) throw unavailable('Its database files are not in the data folder.')
  const versionFile = join(home.data, 'PG_VERSION')
  const version = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : manifest.version
  if (version !== ENGINE_VERSION) {
    throw unavailable(
      `Its database files are of PostgreSQL ${version}, and this installation has PostgreSQL ${ENGINE_VERSION}. Nothing was changed.`,
    )
  }
  await checkFormat(home.data)
}

type Spawned = { child: ChildProcess; output(): string; ended: Promise<string>; over(): boolean }

function spawnPostgres(machine: Machine, home: Home, dek: Buffer): Spawned {
  const settings: Record<string, string> = {
    ...PINNED,
    unix_socket_directories: home.socketFolder,
    config_file: home.configFile,
    hba_file: home.hbaFile,
    ident_file: home.identFile,
  }
  const flags = Object.entries(settings).map(([name, value]) => `--${name}=${value}`)
  const child = spawnSealed({
    library: machine.library,
    bin: machine.binaries.postgres,
    args: ['-D', home.data, ...flags, `--${ownerSetting()}`],
    dek,
    dataDir: home.data,
    countersPath: home.counters,
    env: serverEnvironment(),
    ...machine.runAs,
    // Ctrl-C in a terminal reaches us alone, and we stop it in order.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let kept = ''
  let over = false
  child.stderr?.on('data', (chunk) => (kept = (kept + chunk).slice(-KEPT_OUTPUT)))
  const ended = new Promise<string>((resolve) => {
    const end = (how: string) => {
      over = true
      resolve(how)
    }
    child.once('error', (error) => end(error.message))
    child.once('close', (code, signal) => end(signal ? `signal ${signal}` : `exit code ${code}`))
  })
  return { child, output: () => kept, ended, over: () => over }
}

async function untilReady(home: Home, spawned: Spawned): Promise<Started> {
  const deadline = monotonicMs() + READY_TIMEOUT_MS
  while (!spawned.over()) {
    const running = readPostmaster(home.data)
    if (running?.ready && running.pid === spawned.child.pid) return { ours: true, over: spawned.over }
    if (monotonicMs() > deadline) {
      if (spawned.child.pid) await killAll(spawned.child.pid)
      throw unavailable('PostgreSQL did not become ready in time.')
    }
    await realSleep(POLL_MS)
  }
  const other = readPostmaster(home.data)
  if (other?.owned) return untilOtherIsReady(home)
  throw unavailable(reasonIn(spawned.output()))
}

/** Two engines were asked at the same moment, or another one holds it already. */
async function untilOtherIsReady(home: Home): Promise<Started> {
  const deadline = monotonicMs() + READY_TIMEOUT_MS
  while (monotonicMs() < deadline) {
    const running = readPostmaster(home.data)
    if (!running) break
    if (running.ready) return { ours: false, over: () => readPostmaster(home.data) === null }
    await realSleep(POLL_MS)
  }
  throw unavailable('Another engine holds its files and did not open them.')
}

const unavailable = (why: string) =>
  new AppError('DataPlaneUnavailable', { publicMessage: `The database could not be opened. ${why}` })

/** The last thing that the library or PostgreSQL said before it ended, without paths' worth of detail. */
export function reasonIn(output: string): string {
  const lines = output.split('\n').filter((line) => /FATAL|PANIC|sealed storage:/.test(line))
  const last = lines.at(-1) ?? output.trim().split('\n').at(-1) ?? ''
  if (/No space left on device/.test(output)) return 'The disk is full. Free some space, then connect again.'
  return (
    last.replace(/^.*?(FATAL|PANIC):\s*/, '').replace(/^.*sealed storage:\s*/, '') || 'PostgreSQL ended without a word.'
  )
}
