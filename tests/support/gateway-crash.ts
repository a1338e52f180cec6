import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { expect } from 'vitest'
import { freePort } from '@/server/cli/ports'
import { openContext } from '@/server/clock/service'
import { asSuperuser, clusterFolders, endpointOf } from '@/server/dataplane/service'
import type { Engine } from '@/server/engine'
import type { Config } from '@/server/kernel/config'
import { SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { createCustody } from '@/server/kernel/custody'
import { createDb } from '@/server/kernel/db'
import { loadMasterKey } from '@/server/kernel/master-key'
import { realSleep } from '@/server/kernel/time'
import { createServer } from '@/server/postgres/service'
import { createWiring } from '@/server/wiring'
import { customerManaged, furnish, makeTenant, PASSWORD, serverInput, testConfig, worldOn } from './world'

const WRITERS = 4
/** Commits that are told between two kills, so that each hits a server at work. */
const COMMITS_BETWEEN = 15
const VICTIMS = ['engine', 'postmaster', 'backend'] as const
type Victim = (typeof VICTIMS)[number]

/** A server behind the gateway of an engine in another process. Top level of a file only. */
export async function serverBehindGateway(name: string) {
  const config = { ...(await testConfig()), postgresPort: await freePort() }
  await makeTenant(config)
  const db = createDb(config.databaseUrl, 4)
  const custody = createCustody(loadMasterKey(config))
  const wiring = createWiring({ db, custody, config })
  const serviceContext = (tenantId: string) => openContext({ db, custody, tenantId, principal: SERVICE_PRINCIPAL })
  const world = worldOn({ db, wiring, serviceContext } as unknown as Engine, config)
  await furnish(world)
  // First the engine: only then is it known that databases can be had.
  const engine = await startEngineProcess(config)
  const identity = await world.makeIdentity(`id-${name}`)
  await world.grant(identity.principalId)
  const key = await world.makeKey(name)
  const input = serverInput(name, customerManaged(identity.id, key.versionless, true))
  input.networking.firewallRules.push({ name: 'loopback', startIp: '127.0.0.1', endIp: '127.0.0.1' })
  const { operationId, serverId } = await createServer(await world.ctx(), wiring.keyAccess, input)
  expect(await world.untilEnded(operationId)).toMatchObject({ status: 'Succeeded', error: null })
  return { world, config, name, serverId, engine, close: () => db.$disconnect() }
}

export function startEngineProcess(config: Config): Promise<ChildProcess> {
  const script = new URL('engine-with-databases.ts', import.meta.url).pathname
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(config)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', () => resolve(child))
    child.once('exit', (code) => reject(new Error(`the engine ended with ${code}`)))
  })
}

type Behind = Awaited<ReturnType<typeof serverBehindGateway>>

async function connect({ config, name }: Behind): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: config.postgresPort,
    user: 'testadmin',
    password: PASSWORD,
    database: 'postgres',
    connectionTimeoutMillis: 20_000,
    ssl: { ca: readFileSync(join(config.dataDir, 'ca.pem'), 'utf8'), servername: `${name}.postgres.localhost` },
  })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** Writes from several connections, each anew when it breaks; `confirmed` holds what the clients were told is committed. */
function writeOn(behind: Behind) {
  const confirmed: string[] = []
  let stopped = false
  const write = async (number: number) => {
    for (let i = 0; !stopped; ) {
      const client = await connect(behind).catch(() => undefined)
      try {
        while (client && !stopped) {
          const id = `${number}-${i++}`
          await client.query("INSERT INTO receipt VALUES ($1, repeat('x', 200))", [id])
          confirmed.push(id)
        }
      } catch {
        // The kill. Whether the last one was committed nobody was told.
      }
      await client?.end().catch(() => undefined)
      if (!client) await realSleep(20)
    }
  }
  const done = Promise.all(Array.from({ length: WRITERS }, (_, number) => write(number)))
  const stop = () => {
    stopped = true
    return done
  }
  return { confirmed, stop }
}

/** Kills engine, postmaster or one backend at random moments under load, `rounds` times; what of the confirmed is lost. */
export async function gatewayCrashRounds(behind: Behind, rounds: number) {
  const prepare = await connect(behind)
  await prepare.query('CREATE TABLE receipt (id text PRIMARY KEY, filler text NOT NULL)')
  await prepare.end()
  const load = writeOn(behind)
  const kills: Record<Victim, number> = { engine: 0, postmaster: 0, backend: 0 }
  for (let round = 0; round < rounds; round++) {
    const told = load.confirmed.length
    while (load.confirmed.length < told + COMMITS_BETWEEN) await realSleep(10)
    await realSleep(Math.random() * 150)
    const victim = VICTIMS[round % VICTIMS.length]!
    await kill(behind, victim)
    kills[victim]++
  }
  const told = load.confirmed.length
  while (load.confirmed.length < told + COMMITS_BETWEEN) await realSleep(10)
  await load.stop()
  const found = await asSuperuser(
    endpointOf(behind.config.dataDir, behind.serverId),
    async (client) => {
      await client.query('CREATE EXTENSION amcheck SCHEMA public')
      await client.query("SELECT public.bt_index_check('public.receipt_pkey', true)")
      return new Set((await client.query('SELECT id FROM public.receipt')).rows.map((row) => row.id as string))
    },
    'postgres',
  )
  return { kills, confirmed: load.confirmed.length, lost: load.confirmed.filter((id) => !found.has(id)) }
}

async function kill(behind: Behind, victim: Victim): Promise<void> {
  if (victim === 'engine') {
    const ended = new Promise((resolve) => behind.engine.once('exit', resolve))
    behind.engine.kill('SIGKILL')
    await ended
    behind.engine = await startEngineProcess(behind.config)
    return
  }
  // What was chosen may end by itself, or the server may just be coming back: then another one is.
  while (!hit(behind, victim)) await realSleep(10)
}

function hit({ config, serverId }: Behind, victim: Victim): boolean {
  try {
    const lock = readFileSync(join(clusterFolders(config.dataDir, serverId).data, 'postmaster.pid'), 'utf8')
    const postmaster = Number(lock.split('\n')[0])
    return process.kill(victim === 'postmaster' ? postmaster : anyBackendOf(postmaster), 'SIGKILL')
  } catch {
    return false
  }
}

/** A process that serves a client. */
function anyBackendOf(postmaster: number): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const parent = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1])
      if (parent === postmaster && /testadmin/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))) return Number(pid)
    } catch {
      // It ended meanwhile.
    }
  }
  return postmaster
}
