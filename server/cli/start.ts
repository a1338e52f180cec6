import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { migrate } from '@/prisma/migrate'
import { type Config, readConfig } from '@/server/kernel/config'
import { monotonicMs, realSleep } from '@/server/kernel/time'
import { startEmbeddedPostgres } from './embedded-postgres'
import { choosePort } from './ports'
import { preparePortal, preparePrismaClient, type Task } from './prepare'
import { type Running, spawnNode } from './processes'
import { type StartLock, takeStartLock } from './start-lock'
import { supervise, type Unit } from './supervise'

const ENGINE_GRACE_MS = 20_000
// Pages that listen for changes hold their connection open, and the portal would wait for them.
const PORTAL_GRACE_MS = 4_000
/** npm hands a Ctrl-C on to us that the terminal has sent us already. */
const SAME_SIGNAL_MS = 700
const PARENT_POLL_MS = 500
const NEXT_BANNER = /^\s*(▲ Next|- (Local|Network|Environments)|✓ (Starting|Ready|Running))/

const begunMs = monotonicMs()
const dev = process.argv.includes('--dev')
const seconds = (): string => ((monotonicMs() - begunMs) / 1000).toFixed(1)
const say = (text: string): void => console.log(`${seconds().padStart(6)} s  ${text}`)

/** What runs now, in the order in which it is stopped. */
const house: { task?: Running; portal?: Unit; engine?: Unit; database?: Unit } = {}
let lock: StartLock | undefined
let stoppingSinceMs: number | undefined

async function main(): Promise<void> {
  const config = readConfig()
  lock = takeStartLock(config.dataDir)
  const ports = await choosePorts()
  const url = `http://localhost:${ports.PORTCULLIS_PORTAL_PORT}`
  lock.announce(url)
  if (await preparePrismaClient(track)) say('Generated the Prisma client.')
  const databaseUrl = process.env.DATABASE_URL ?? (await startDatabase(config))
  const applied = await migrate(databaseUrl)
  say(applied.length ? `Migrated the database: ${applied.join(', ')}.` : 'The database is up to date.')
  // The engine fills an empty database while the portal is being built.
  house.engine = await startEngine(ports)
  if (!dev) await buildPortal()
  house.portal = await startPortal(ports)
  await waitUntilReady(url)
  announce(config, url, ports)
}

async function choosePorts() {
  return {
    PORTCULLIS_PORTAL_PORT: await choosePort(
      { variable: 'PORTCULLIS_PORTAL_PORT', what: 'the portal', usual: 3000 },
      process.env,
      say,
    ),
    PORTCULLIS_HTTPS_PORT: await choosePort(
      { variable: 'PORTCULLIS_HTTPS_PORT', what: 'REST over HTTPS', usual: 8443 },
      process.env,
      say,
    ),
    PORTCULLIS_POSTGRES_PORT: await choosePort(
      { variable: 'PORTCULLIS_POSTGRES_PORT', what: 'PostgreSQL', usual: 5432 },
      process.env,
      say,
    ),
  }
}

type Ports = Awaited<ReturnType<typeof choosePorts>>

/** A folder as a person would name it from here. */
function shown(folder: string): string {
  const path = relative('.', folder)
  return path.startsWith('..') ? folder : path || '.'
}

async function startDatabase({ dataDir }: Config): Promise<string> {
  let url = ''
  const start = async () => {
    const database = await startEmbeddedPostgres({ dataDir })
    say(`${database.created ? 'Made and started' : 'Started'} the database in ${shown(dataDir)}/pg.`)
    url = database.url
    return database
  }
  house.database = await supervise('database', start, say, giveUp)
  return url
}

const environment = (ports: Ports): Record<string, string> => ({
  NODE_ENV: dev ? 'development' : 'production',
  ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
})

function startEngine(ports: Ports): Promise<Unit> {
  // A library of the engine's uses its database driver in a way that the driver warns about.
  const args = ['--disable-warning=DeprecationWarning', '--import', 'tsx', 'server/cli/engine.ts']
  const print = (line: string) => console.log(`engine  │ ${line}`)
  say('Starting the engine; it fills an empty database by itself.')
  return supervise('engine', async () => spawnNode(args, environment(ports), print, ENGINE_GRACE_MS), say, giveUp)
}

async function buildPortal(): Promise<void> {
  const since = monotonicMs()
  const hint = setTimeout(() => say('Building the portal (about a minute, only when its sources have changed)...'), 300)
  const built = await preparePortal(track).finally(() => clearTimeout(hint))
  say(built ? `Built the portal in ${((monotonicMs() - since) / 1000).toFixed(0)} s.` : 'The portal is built already.')
}

function startPortal(ports: Ports): Promise<Unit> {
  const { bindAddress = '127.0.0.1' } = readConfig()
  const where = ['-H', bindAddress, '-p', String(ports.PORTCULLIS_PORTAL_PORT)]
  const args = ['node_modules/next/dist/bin/next', dev ? 'dev' : 'start', ...where]
  const print = (line: string) => {
    const text = stripVTControlCharacters(line)
    if (text.trim() && !NEXT_BANNER.test(text)) console.log(`portal  │ ${line}`)
  }
  return supervise('portal', async () => spawnNode(args, environment(ports), print, PORTAL_GRACE_MS), say, giveUp)
}

/** Waits for the portal to call the whole product ready, and says from time to time what it waits for. */
async function waitUntilReady(url: string): Promise<void> {
  let said = ''
  for (let round = 1; ; round++) {
    const missing = await whatIsMissing(url)
    if (missing === null) return
    if (missing !== said && round % 20 === 0) {
      said = missing
      say(`Waiting: ${missing}`)
    }
    await realSleep(200)
  }
}

async function whatIsMissing(url: string): Promise<string | null> {
  try {
    const answer = await fetch(`${url}/api/ready`, { signal: AbortSignal.timeout(10_000) })
    if (answer.ok) return null
    const { missing } = (await answer.json()) as { missing: string[] }
    return missing.join(' ')
  } catch {
    return 'The portal does not answer yet.'
  }
}

function announce({ dataDir }: Config, url: string, ports: Ports): void {
  console.log(`
  ┌${'─'.repeat(62)}┐
  │${`  Portcullis is ready after ${seconds()} s`.padEnd(62)}│
  │${`  ${url}`.padEnd(62)}│
  └${'─'.repeat(62)}┘
  Simulated Azure REST: https on port ${ports.PORTCULLIS_HTTPS_PORT} (management.localhost, login.localhost, {vault}.vault.localhost, ...)
  Databases: PostgreSQL with TLS on port ${ports.PORTCULLIS_POSTGRES_PORT} ({server}.postgres.localhost)
  Data and settings for clients: ${shown(dataDir)}/
  Ctrl-C stops it.
`)
}

function track(task: Task): void {
  house.task = task.running
  const done = () => {
    house.task = undefined
  }
  task.done.then(done, done)
}

function giveUp(reason: string): void {
  void shutDown(`${reason} Giving up; the lines above say why it ended.`, 1)
}

const unitsInOrder = (): Unit[] =>
  [house.task, house.portal, house.engine, house.database].filter((unit) => unit !== undefined)

/** Stops the portal, then the engine, then the database, and ends. */
async function shutDown(why: string, exitCode: number): Promise<void> {
  if (stoppingSinceMs !== undefined) return
  stoppingSinceMs = monotonicMs()
  say(why)
  const units = unitsInOrder()
  for (const unit of units) await unit.stop()
  lock?.release()
  if (units.length) say('Stopped.')
  process.exit(exitCode)
}

function onSignal(): void {
  if (stoppingSinceMs === undefined) return void shutDown('Stopping (Ctrl-C again ends everything at once)...', 0)
  if (monotonicMs() - stoppingSinceMs < SAME_SIGNAL_MS) return
  for (const unit of unitsInOrder()) unit.kill()
  lock?.release()
  process.exit(130)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
// npm hands a signal on to the shell between it and us, and the shell keeps it to itself: it just goes.
const shell = process.ppid
if (process.env.npm_lifecycle_event) {
  const watch = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(watch)
    void shutDown('Stopping, as npm has...', 0)
  }, PARENT_POLL_MS).unref()
}
// The terminal may be gone before we are.
process.stdout.on('error', () => undefined)

main().catch((error: Error) => {
  if (stoppingSinceMs === undefined) void shutDown(error.message, 1)
})
