import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { findPostgresBinaries, type PostgresBinaries } from '@/server/kernel/postgres-binaries'
import { commandLine } from '@/server/kernel/processes'
import { monotonicMs, realSleep } from '@/server/kernel/time'
import { chooseUnprivileged, ownerFor, type Unprivileged, unprivilegedCommand } from '@/server/kernel/unprivileged'
import { freePort, isPortFree } from './ports'
import type { Running } from './processes'

const NAME = 'portcullis'
const MAX_LOG_BYTES = 8 << 20
const READY_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 60_000
const POLL_MS = 40

export type EmbeddedPostgresOptions = {
  /** Holds the cluster (`pg`), its log and `database.url`. */
  dataDir: string
  /** False gives speed for safety: a crash of the machine may lose data. For tests. */
  durable?: boolean
}

export type EmbeddedPostgres = Running & {
  /** `postgresql://portcullis:<password>@127.0.0.1:<port>/portcullis` */
  url: string
  /** True when this start made the cluster. */
  created: boolean
  createDatabase(name: string): Promise<string>
}

type Home = { folder: string; cluster: string; urlFile: string; logFile: string; how: Unprivileged }

/**
 * Starts PostgreSQL on a data folder, and makes the cluster at the first start. The port is kept over restarts while it
 * is free. A server that a killed supervisor left behind on the same folder is stopped first.
 * @throws Error with the end of the server's log when it does not come up.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const binaries = findPostgresBinaries()
  const home = openHome(options.dataDir, binaries)
  await stopLeftover(home.folder)
  if (fs.existsSync(home.cluster)) takeOwnership(home)
  const url = await readOrMakeUrl(home)
  const created = await makeCluster(home, binaries, url)
  const server = spawnServer(home, binaries, url, options.durable ?? true)
  await waitUntilReady(home, url, server)
  if (!(await databaseExists(url))) await createDatabase(url, NAME)
  return {
    url: url.href,
    created,
    pid: server.child.pid,
    ended: server.ended,
    stop: () => stopServer(server),
    // Without a checkpoint: the next start recovers from the log. SIGKILL would leave its children behind.
    kill: () => server.child.kill('SIGQUIT'),
    createDatabase: (name) => createDatabase(url, name),
  }
}

/** Creates a database on the server of `url`, empty or as a copy of `template`; returns its own URL. */
export async function createDatabase(url: string | URL, name: string, template = 'template1'): Promise<string> {
  await asAdmin(url, (client) =>
    client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE ${pg.escapeIdentifier(template)}`),
  )
  return withDatabase(url, name)
}

/** Drops a database of the server of `url`, ending the sessions in it. */
export async function dropDatabase(url: string | URL, name: string): Promise<void> {
  await asAdmin(url, (client) => client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`))
}

function withDatabase(url: string | URL, name: string): string {
  const other = new URL(url)
  other.pathname = `/${encodeURIComponent(name)}`
  return other.href
}

async function asAdmin<T>(url: string | URL, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: withDatabase(url, 'postgres'), connectionTimeoutMillis: 10_000 })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

const databaseExists = (url: URL): Promise<boolean> =>
  asAdmin(url, async (c) => (await c.query('SELECT 1 FROM pg_database WHERE datname = $1', [NAME])).rowCount === 1)

function openHome(dataDir: string, binaries: PostgresBinaries): Home {
  fs.mkdirSync(dataDir, { recursive: true })
  const folder = fs.realpathSync(dataDir)
  // What is secret in the data folder has mode 0600 of its own, so others may pass through to the cluster.
  if (process.getuid?.() === 0) fs.chmodSync(folder, fs.statSync(folder).mode | 0o011)
  const cluster = join(folder, 'pg')
  const how = chooseUnprivileged([cluster, binaries.postgres])
  return { folder, cluster, urlFile: join(folder, 'database.url'), logFile: join(folder, 'postgres.log'), how }
}

async function readOrMakeUrl(home: Home): Promise<URL> {
  const known = fs.existsSync(home.urlFile)
  if (!known && fs.existsSync(home.cluster)) {
    throw new Error(
      `${home.urlFile} is missing, and it held the only copy of the password of the database in ${home.cluster}. Put it back, or move ${home.cluster} away to start with an empty database.`,
    )
  }
  const url = new URL(
    known
      ? fs.readFileSync(home.urlFile, 'utf8').trim()
      : `postgresql://${NAME}:${randomBytes(24).toString('hex')}@127.0.0.1:0/${NAME}`,
  )
  if (!url.port || url.port === '0' || !(await isPortFree(Number(url.port)))) url.port = String(await freePort())
  const draft = `${home.urlFile}.new`
  fs.writeFileSync(draft, `${url.href}\n`, { mode: 0o600 })
  fs.renameSync(draft, home.urlFile)
  return url
}

/** An interrupted initdb leaves only `pg.new` behind, never half a cluster under the real name. */
async function makeCluster(home: Home, binaries: PostgresBinaries, url: URL): Promise<boolean> {
  if (fs.existsSync(home.cluster)) return false
  const draft = `${home.cluster}.new`
  const passwordFile = join(home.folder, 'pg.password')
  fs.rmSync(draft, { recursive: true, force: true })
  fs.mkdirSync(draft, { mode: 0o700 })
  fs.writeFileSync(passwordFile, `${url.password}\n`, { mode: 0o600 })
  const owner = ownerFor(home.how)
  if (owner !== undefined) for (const path of [draft, passwordFile]) fs.chownSync(path, owner, owner)
  try {
    await runInitdb(home, binaries, draft, passwordFile)
  } finally {
    fs.rmSync(passwordFile, { force: true })
  }
  fs.renameSync(draft, home.cluster)
  return true
}

function runInitdb(home: Home, binaries: PostgresBinaries, folder: string, passwordFile: string): Promise<void> {
  const { command, args, options } = unprivilegedCommand(home.how, binaries.initdb, [
    `--pgdata=${folder}`,
    `--username=${NAME}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
    // A first start that the machine does not survive is simply made again.
    '--no-sync',
  ])
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...options,
      cwd: folder,
      env: serverEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`initdb could not make the database cluster:\n${output.trim()}`)),
    )
  })
}

/** Nothing of ours is handed down: variables like PGDATA or PGOPTIONS would change what the server does. */
const serverEnvironment = (): NodeJS.ProcessEnv => ({
  NODE_ENV: process.env.NODE_ENV,
  PATH: process.env.PATH,
  SystemRoot: process.env.SystemRoot,
  LC_ALL: 'C',
  TZ: 'UTC',
})

function takeOwnership(home: Home): void {
  const owner = ownerFor(home.how)
  const actual = fs.statSync(home.cluster).uid
  if (owner === undefined) {
    if (process.getuid && actual !== process.getuid()) {
      throw new Error(
        `${home.cluster} belongs to another user (uid ${actual}): Portcullis was started as root or by somebody else before. Start it the same way, or give the folder to yourself: sudo chown -R $(id -u) ${home.folder}`,
      )
    }
    return
  }
  if (actual === owner) return
  fs.chownSync(home.cluster, owner, owner)
  for (const name of fs.readdirSync(home.cluster, { recursive: true }) as string[]) {
    fs.lchownSync(join(home.cluster, name), owner, owner)
  }
}

type Server = { child: ChildProcess; ended: Promise<string>; hasEnded: () => boolean }

function spawnServer(home: Home, binaries: PostgresBinaries, url: URL, durable: boolean): Server {
  if (fs.existsSync(home.logFile) && fs.statSync(home.logFile).size > MAX_LOG_BYTES) {
    fs.renameSync(home.logFile, `${home.logFile}.old`)
  }
  const log = fs.openSync(home.logFile, 'a', 0o600)
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    port: url.port,
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '64MB',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const { command, args, options } = unprivilegedCommand(home.how, binaries.postgres, ['-D', home.cluster, ...flags])
  const child = spawn(command, args, {
    ...options,
    // Its own process group, so that Ctrl-C reaches us alone and the database stops last.
    detached: true,
    cwd: home.cluster,
    env: serverEnvironment(),
    stdio: ['ignore', log, log],
  })
  fs.closeSync(log)
  let over = false
  const ended = new Promise<string>((resolve) => {
    const end = (how: string) => {
      over = true
      process.off('exit', interrupt)
      resolve(how)
    }
    child.once('exit', (code, signal) => end(signal ? `signal ${signal}` : `exit code ${code}`))
    child.once('error', (error) => end(error.message))
  })
  const interrupt = () => child.kill('SIGINT')
  process.once('exit', interrupt)
  return { child, ended, hasEnded: () => over }
}

async function waitUntilReady(home: Home, url: URL, server: Server): Promise<void> {
  const deadline = monotonicMs() + READY_TIMEOUT_MS
  for (;;) {
    const failure = await asAdmin(url, async () => undefined).catch((error: Error) => error)
    if (!failure) return
    const wrongPassword = (failure as { code?: string }).code === '28P01'
    if (!server.hasEnded() && !wrongPassword && monotonicMs() < deadline) {
      await realSleep(POLL_MS)
      continue
    }
    if (!server.hasEnded()) await stopServer(server)
    const reason = wrongPassword ? `The password in ${home.urlFile} is not that of the database.` : ''
    throw new Error(`PostgreSQL did not start. ${reason} Its log (${home.logFile}) ends with:\n${tail(home.logFile)}`)
  }
}

const tail = (file: string): string => fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n')

async function stopServer(server: Server): Promise<void> {
  if (!server.hasEnded()) server.child.kill('SIGINT')
  const late = setTimeout(() => server.child.kill('SIGQUIT'), STOP_TIMEOUT_MS)
  await server.ended
  clearTimeout(late)
}

/** Stops the server that a killed supervisor left behind on a data folder, if there is one. */
export async function stopLeftover(dataDir: string): Promise<void> {
  const cluster = join(dataDir, 'pg')
  const pidFile = join(cluster, 'postmaster.pid')
  if (!fs.existsSync(pidFile)) return
  const pid = Number(fs.readFileSync(pidFile, 'utf8').split('\n')[0])
  if (!commandLine(pid).includes(cluster)) {
    // The number may belong to some other process by now, which PostgreSQL would take for a running server.
    fs.rmSync(pidFile)
    return
  }
  process.kill(pid, 'SIGINT')
  const deadline = monotonicMs() + STOP_TIMEOUT_MS
  while (commandLine(pid).includes(cluster)) {
    if (monotonicMs() > deadline) {
      throw new Error(
        `A PostgreSQL (process ${pid}) still runs on ${cluster} and does not stop. Stop it, then start again.`,
      )
    }
    await realSleep(POLL_MS)
  }
}
