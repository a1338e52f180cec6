import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { freePort } from '@/server/cli/ports'
import { findPostgresBinaries } from '@/server/kernel/postgres-binaries'
import { realSleep } from '@/server/kernel/time'
import { crashRounds } from '../support/sealed-crash'
import {
  makeFolder,
  makePlainCluster,
  remove,
  sealedClusterOf,
  sql,
  startSealed,
  stop,
} from '../support/sealed-postgres'

/** pgbench on sealed files beside the same PostgreSQL on plain ones, in turns. */
const REPEATS = 7
const SECONDS = 4
const SCALE = 5
const SETTINGS = { fsync: 'on', shared_buffers: '16MB', max_wal_size: '512MB', io_method: 'sync' }

const folder = makeFolder()
const dek = randomBytes(32)
const plain = makePlainCluster(folder)
afterAll(() => remove(folder))

function pgbench(port: number, args: string[]): string {
  const all = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-n', ...args, 'postgres']
  const { status, stdout, stderr, error } = spawnSync('pgbench', all, { encoding: 'utf8' })
  if (error) throw new Error('pgbench is needed: apt-get install postgresql-contrib')
  if (status !== 0) throw new Error(stderr)
  return stdout
}

const tps = (output: string): number => Number(/tps = ([\d.]+)/.exec(output)![1])
const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** Processor time that a server and its children took so far, ended ones included, in seconds. */
function cpuSeconds(postmaster: number): number {
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  const ticks = all.map((pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ').map(Number)
      const [parent, user, system, childUser, childSystem] = [1, 11, 12, 13, 14].map((i) => fields[i]!)
      if (Number(pid) === postmaster) return user! + system! + childUser! + childSystem!
      return parent === postmaster ? user! + system! : 0
    } catch {
      return 0
    }
  })
  return ticks.reduce((sum, n) => sum + n, 0) / 100
}

/** The PostgreSQL that the machine's own package brought, if any: for scale. */
function packagedPostgres(): string | undefined {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  return versions.map((version) => join(root, version, 'bin')).find((bin) => existsSync(join(bin, 'initdb')))
}

async function startPackaged(bin: string): Promise<{ child: ChildProcess; port: number }> {
  const dataDir = join(folder, 'packaged')
  mkdirSync(dataDir)
  const { uid, gid } = statSync(plain)
  chownSync(dataDir, uid, gid)
  const args = ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--data-checksums']
  const { status, stderr } = spawnSync(join(bin, 'initdb'), args, { uid, gid, encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  const { io_method: _, ...settings } = SETTINGS
  return startPlain(dataDir, join(bin, 'postgres'), settings)
}

async function startPlain(
  dataDir: string,
  bin = findPostgresBinaries().postgres,
  settings: Record<string, string> = SETTINGS,
): Promise<{ child: ChildProcess; port: number }> {
  const { uid, gid } = statSync(dataDir)
  const port = await freePort()
  const all = { ...settings, port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: '' }
  const args = ['-D', dataDir, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const child = spawn(bin, args, { uid, gid, stdio: 'ignore', cwd: dataDir })
  while (
    await sql(port, 'SELECT 1').then(
      () => false,
      () => true,
    )
  )
    await realSleep(30)
  return { child, port }
}

function copyFolder(from: string, to: string): void {
  const { uid, gid } = statSync(from)
  cpSync(from, to, { recursive: true })
  for (const name of ['', ...readdirSync(to, { recursive: true, encoding: 'utf8' })])
    chownSync(join(to, name), uid, gid)
}

test('pgbench: sealed against unsealed', async () => {
  const [open, sealed] = [join(folder, 'open'), join(folder, 'sealed')]
  copyFolder(plain, open)
  await sealedClusterOf(plain, sealed, dek)
  const bare = await startPlain(open)
  const server = await startSealed(sealed, dek, SETTINGS)
  const bin = packagedPostgres()
  const packaged = bin && (await startPackaged(bin))
  for (const { port } of [bare, server, ...(packaged ? [packaged] : [])])
    pgbench(port, ['-i', '-q', '-s', String(SCALE)])
  const kinds = {
    'select-only': ['-S'],
    'TPC-B': [],
    'TPC-B, 4 clients, prepared': ['-c', '4', '-M', 'prepared'],
  }
  const sides = [
    { name: 'unsealed', port: bare.port, pid: bare.child.pid! },
    { name: 'sealed', port: server.port, pid: server.child.pid! },
    ...(packaged ? [{ name: bin!, port: packaged.port, pid: packaged.child.pid! }] : []),
  ]
  for (const [name, args] of Object.entries(kinds)) {
    const found = sides.map(() => ({ tps: [] as number[], cpu: [] as number[] }))
    for (let i = 0; i < REPEATS; i++) {
      // There and back again, so that none always goes first.
      const turn = sides.map((side, n) => ({ ...side, n }))
      for (const { port, pid, n } of i % 2 ? turn.reverse() : turn) {
        const before = cpuSeconds(pid)
        const output = pgbench(port, ['-T', String(SECONDS), ...args])
        // A session that has just ended counts for its parent only once that has taken note of it.
        await realSleep(400)
        const done = Number(/actually processed: (\d+)/.exec(output)![1])
        found[n]!.tps.push(tps(output))
        found[n]!.cpu.push(((cpuSeconds(pid) - before) / done) * 1e6)
      }
    }
    const [bareTps, sealedTps, packagedTps] = found.map((f) => median(f.tps)) as [number, number, number?]
    const [bareCpu, sealedCpu] = found.map((f) => median(f.cpu)) as [number, number]
    console.log(
      `${name} on ${cpus().length} x ${cpus()[0]?.model}: sealed ${sealedTps.toFixed(0)} tps / unsealed ${bareTps.toFixed(0)} tps = ${(sealedTps / bareTps).toFixed(3)};`,
      `processor time ${sealedCpu.toFixed(0)} / ${bareCpu.toFixed(0)} us a transaction = ${(sealedCpu / bareCpu).toFixed(3)} (medians of ${REPEATS})`,
      packagedTps ? `beside it ${bin}: ${packagedTps.toFixed(0)} tps` : 'no packaged PostgreSQL beside it',
    )
    // Not a race on a shared machine: only that both sides did the work that is compared.
    expect(sealedTps).toBeGreaterThan(0)
  }
  await stop(server)
  for (const other of [bare, ...(packaged ? [packaged] : [])]) {
    other.child.kill('SIGINT')
    await new Promise((resolve) => other.child.once('exit', resolve))
  }
}, 900_000)

test('a hundred kills under load lose no confirmed commit', async () => {
  const target = join(folder, 'crash')
  await sealedClusterOf(plain, target, dek)
  const outcome = await crashRounds(target, dek, 100, (round) => 100 + ((round * 37) % 500))
  console.log(`100 kills: ${outcome.confirmed} confirmed commits, ${outcome.lost.length} lost`)
  expect(outcome.lost).toEqual([])
  expect(outcome.sum).toBe(100_000)
  await stop(outcome.server)
}, 900_000)
