import { DBOS } from '@dbos-inc/dbos-sdk'
import { deliverDue, evaluateActivityAlerts } from '@/server/alerts/service'
import { drainAgenda } from '@/server/clock/drain'
import { createLease, createLoop } from '@/server/clock/driver'
import { openContext, schedule } from '@/server/clock/service'
import { listTenantsWithClock } from '@/server/clock/store'
import { createDataPlane, type DataPlane } from '@/server/dataplane/service'
import { exportDue } from '@/server/diagnostics/export.sweep'
import type { Config } from '@/server/kernel/config'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { type Custody, createCustody } from '@/server/kernel/custody'
import { createDb, type PrismaClient } from '@/server/kernel/db'
import { log } from '@/server/kernel/log'
import { openMasterKey } from '@/server/kernel/master-key'
import { listen } from '@/server/kernel/notify'
import { realNowMs, realSleep } from '@/server/kernel/time'
import { startToken } from '@/server/keys/service/token'
import { ensureMonitoringPlanned } from '@/server/metrics/service'
import { announceInstallation, dataPlaneSweep, ensureBackupsPlanned } from '@/server/postgres/service'
import type { SealLibrary } from '@/server/storage/model'
import { startGateway } from '@/server/surfaces/postgres/gateway'
import { dispatchOperation, type RunnerDeps, resumeOperation, setUpRunner } from '@/server/workflow/runner'
import { countActive, listUnfinished } from '@/server/workflow/store'
import { createTakeover } from '@/server/workflow/takeover'
import { createWiring, masterKeyVault, type Wiring } from './wiring'

const HEARTBEAT_MS = 5000
/** Raised when steps change so that work begun by older code cannot be carried on by newer code. */
const WORKFLOW_VERSION = '2'
/** An unwrap leaves several records: whoever watches them is told once. */
const GATHER_MS = 100
const QUIET_POLL_MS = 10
const DEFAULT_IDLE_MINUTES = 10

export type Engine = {
  db: PrismaClient
  wiring: Wiring
  /** Tells the portal from now on that this engine is up. */
  goLive(): void
  /** A service context of a tenant at its present instant. */
  serviceContext(tenantId: string): Promise<Ctx>
  /** Port of the PostgreSQL gateway; null without databases. */
  postgresPort: number | null
  dataPlane: DataPlane | null
  stop(): Promise<void>
}

/**
 * Starts the background half of the product on a migrated database: durable operations, the clocks' agendas, alerts
 * and their deliveries, the heartbeat. HTTPS surfaces and seeding are the process's own (`cli/engine.ts`).
 */
export async function startEngine(options: {
  config: Config
  onStep?: RunnerDeps['onStep']
  /** Databases run on it; without it there is the control plane alone. */
  library?: SealLibrary
}): Promise<Engine> {
  const { config } = options
  const db = createDb(config.databaseUrl)
  const custody = createCustody(await openMasterKey(config, masterKeyVault))
  startToken(config.token)
  const { dataDir } = config
  const dataPlane = options.library && createDataPlane({ dataDir, library: options.library })
  await dataPlane?.killOrphans()
  const wiring = createWiring({ db, custody, config, dataPlane })
  const serviceContext = (tenantId: string) => openContext({ db, custody, tenantId, principal: SERVICE_PRINCIPAL })

  setUpRunner({
    db,
    programs: wiring.programs,
    onStep: options.onStep,
    contextFor: ({ tenantId, requestedBy, correlationId }) =>
      openContext({ db, custody, tenantId, principal: requestedBy, correlationId }),
    wakeAt: (ctx, operationId, at) => schedule(ctx, { kind: 'resume-operation', key: operationId, dueAt: at }),
  })
  await launchDbos(config)

  const lease = createLease(config.databaseUrl, 'agenda')
  const presence = createLease(config.databaseUrl, 'presence')
  const takeOver = createTakeover(config.engineId, presence)
  let stopping = false
  const operations = createLoop(async () => {
    await takeUpOperations(db)
    await takeOver()
  })
  const clocks = createLoop(async () => {
    const mine = await lease.share(await listTenantsWithClock(db))
    await Promise.all(mine.map((tenantId) => drainTenant(tenantId)))
  })

  async function drainTenant(tenantId: string): Promise<void> {
    if (stopping) return
    const service = await serviceContext(tenantId)
    await drainAgenda({
      db,
      tenantId,
      contextAt: (now) => ({ ...service, now }),
      quiesce: () => untilQuiet(db, tenantId, () => stopping),
      shouldStop: () => stopping,
      handlers: {
        ...wiring.agendaHandlers,
        'resume-operation': async (_ctx, item) => async () => resumeOperation(item.key),
      },
    })
  }

  const planned = new Set<string>()
  const alerts = createLoop(async () => {
    for (const tenantId of await listTenantsWithClock(db)) {
      const ctx = await serviceContext(tenantId)
      if (!planned.has(tenantId)) {
        await ensureMonitoringPlanned(ctx)
        if (dataPlane) await ensureBackupsPlanned(ctx, dataPlane)
      }
      planned.add(tenantId)
      await evaluateActivityAlerts(ctx)
    }
  }, GATHER_MS)
  const deliveries = createLoop(async () => {
    await deliverDue(db, { mail: config.mail ?? null, contextOf: serviceContext, shouldStop: () => stopping })
  }, GATHER_MS)

  const exports = createLoop(async () => {
    await exportDue(db, { contextOf: serviceContext, shouldStop: () => stopping })
  }, GATHER_MS)

  const databases =
    dataPlane && (await startDatabases({ db, custody, config, wiring, dataPlane, contextOf: serviceContext }))

  const listener = listen(config.databaseUrl, (change) => {
    if (change === 'everything' || change.topic === 'servers') databases?.wake()
    if (change === 'everything' || change.topic === 'operations') operations.wake()
    if (change === 'everything' || change.topic === 'activity') {
      alerts.wake()
      exports.wake()
    }
    if (change === 'everything' || change.topic === 'alerts') {
      deliveries.wake()
      exports.wake()
    }
    if (change === 'everything' || change.topic === 'clock' || change.topic === 'agenda') clocks.wake()
  })
  let heartbeat: { stop(): void } | undefined

  return {
    db,
    wiring,
    serviceContext,
    postgresPort: databases?.port ?? null,
    dataPlane: dataPlane ?? null,
    goLive() {
      heartbeat ??= createHeartbeat(db, config)
    },
    async stop() {
      stopping = true
      heartbeat?.stop()
      await listener.stop()
      await Promise.all([operations.stop(), clocks.stop(), alerts.stop(), deliveries.stop(), exports.stop()])
      await databases?.stop()
      await DBOS.shutdown({ workflowCompletionTimeoutMS: 5000 })
      await lease.close()
      await presence.close()
      await db.$disconnect()
    },
  }
}

type Databases = { port: number; wake(): void; stop(): Promise<void> }

/** The gateway in front of the databases, and the sweep that keeps them in line with their servers. */
async function startDatabases(init: {
  db: PrismaClient
  custody: Custody
  config: Config
  wiring: Wiring
  dataPlane: DataPlane
  contextOf: (tenantId: string) => Promise<Ctx>
}): Promise<Databases> {
  const { db, custody, config, wiring, dataPlane, contextOf } = init
  const deps = { keyAccess: wiring.keyAccess, dataPlane }
  const hosts = config.bindAddress ? [config.bindAddress] : ['127.0.0.1', '::1']
  const gateway = await startGateway({
    env: { db, custody, deps },
    port: config.postgresPort,
    dataDir: config.dataDir,
    hosts,
  })
  await announceInstallation(db, config.engineId, dataPlane.availability, gateway.port)
  const idleMs = (config.idleMinutes ?? DEFAULT_IDLE_MINUTES) * 60_000
  const sweep = createLoop(() => dataPlaneSweep({ db, contextOf, deps, sessions: gateway, idleMs }))
  return {
    port: gateway.port,
    wake: sweep.wake,
    async stop() {
      await sweep.stop()
      await gateway.close()
      await dataPlane.close()
    },
  }
}

async function launchDbos(config: Config): Promise<void> {
  const quiet = () => undefined
  DBOS.setConfig({
    name: 'portcullis',
    systemDatabaseUrl: config.databaseUrl,
    executorID: config.engineId,
    applicationVersion: WORKFLOW_VERSION,
    logger: {
      debug: quiet,
      info: quiet,
      warn: (entry: unknown) => log.warn(`workflow engine: ${String(entry)}`),
      error: (entry: unknown) => log.error('workflow engine', entry),
    },
  })
  await DBOS.launch()
}

/** Starts what was accepted, and tells waiting operations that they were cancelled. Doing either twice is harmless. */
async function takeUpOperations(db: PrismaClient): Promise<void> {
  for (const operation of await listUnfinished(db, ['Accepted', 'Waiting'])) {
    if (operation.status === 'Accepted') await dispatchOperation(operation.id)
    else if (operation.cancelAsked) await resumeOperation(operation.id)
  }
}

async function untilQuiet(db: PrismaClient, tenantId: string, shouldStop: () => boolean): Promise<void> {
  while (!shouldStop() && (await countActive(db, tenantId)) > 0) await realSleep(QUIET_POLL_MS)
}

function createHeartbeat(db: PrismaClient, config: Config): { stop(): void } {
  const startedMs = BigInt(realNowMs())
  const beat = async () => {
    const row = { heartbeatMs: BigInt(realNowMs()), httpsPort: config.httpsPort, startedMs }
    await db.engine
      .upsert({ where: { id: config.engineId }, update: row, create: { id: config.engineId, ...row } })
      .catch((error) => log.warn('heartbeat failed', error))
  }
  void beat()
  const timer = setInterval(beat, HEARTBEAT_MS)
  return { stop: () => clearInterval(timer) }
}
