import { dueAtOf, readPace, schedule } from '@/server/clock/service'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { announce } from '@/server/kernel/notify'
import {
  EXPIRY_HORIZON_DAYS,
  formatDimensions,
  RETENTION_DAYS,
  type Sample,
  type ServerReader,
  THINNING,
} from './model'
import { samplingMinutes } from './rules'
import * as store from './store'

const DAY_MS = 86_400_000

/**
 * Reads every gauge at the present instant, and gives the writes: samples in, old ones thinned out. The same instant
 * read twice leaves one sample.
 */
export async function sampleMetrics(ctx: Ctx, readServers: ServerReader): Promise<(tx: Ctx) => Promise<void>> {
  const service = { ...ctx, principal: SERVICE_PRINCIPAL }
  const samples = [
    ...(await readGauges(service, readServers)),
    ...(await readLag(service)),
    ...(await readExpiries(service)),
  ]
  return async (tx) => {
    if (samples.length) await store.insertSamples(tx.db, tx.tenantId, samples)
    for (const { olderThanDays, spanSeconds } of THINNING)
      await store.thinOut(tx.db, tx.tenantId, aligned(tx.now, olderThanDays, spanSeconds), spanSeconds)
    await store.dropSamples(tx.db, tx.tenantId, new Date(tx.now.getTime() - RETENTION_DAYS * DAY_MS))
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'metrics' })
  }
}

/** So many days ago, at the begin of a span: a span is merged as a whole or not yet. */
function aligned(now: Date, days: number, spanSeconds: number): Date {
  const step = spanSeconds * 1000
  return new Date(Math.floor((now.getTime() - days * DAY_MS) / step) * step)
}

const sampleAt = (ctx: Ctx, resourceId: string, metric: string, value: number, dimensions = {}): Sample => ({
  resourceKey: resourceId.toLowerCase(),
  metric,
  dimensions: formatDimensions(dimensions),
  atMs: ctx.now.getTime(),
  spanSeconds: 0,
  count: 1,
  total: value,
  minimum: value,
  maximum: value,
})

async function readGauges(ctx: Ctx, readServers: ServerReader): Promise<Sample[]> {
  const readings = await readServers(ctx)
  const sizes = await store.findStorageSizes(ctx.db, [...readings.keys()])
  return [...readings].flatMap(([id, reading]) => {
    const size = sizes.get(id)
    if (!size) return []
    const values: Record<string, number | undefined> = {
      active_connections: reading.connections,
      storage_used: reading.storageUsedBytes,
      storage_percent: (reading.storageUsedBytes / size) * 100,
      backup_storage_used: reading.backupStorageUsedBytes,
      pages_sealed: reading.pagesSealed,
      pages_opened: reading.pagesOpened,
    }
    return Object.entries(values).flatMap(([metric, value]) =>
      value === undefined ? [] : [sampleAt(ctx, id, metric, value)],
    )
  })
}

async function readLag(ctx: Ctx): Promise<Sample[]> {
  const rows = await store.countNewerVersions(ctx.db, ctx.tenantId)
  return rows.map(({ serverKey, lag }) => sampleAt(ctx, serverKey, 'key_version_lag', lag))
}

async function readExpiries(ctx: Ctx): Promise<Sample[]> {
  const rows = await store.findExpiries(
    ctx.db,
    ctx.tenantId,
    new Date(ctx.now.getTime() + EXPIRY_HORIZON_DAYS * DAY_MS),
  )
  return rows.map(({ storeKey, name, expires }) =>
    sampleAt(ctx, storeKey, 'KeyDaysToExpiry', (expires.getTime() - ctx.now.getTime()) / DAY_MS, { KeyName: name }),
  )
}

const AGENDA = { kind: 'monitoring', key: 'all resources' } as const

/** Plans the next sampling: soon while people watch, later while time flies. */
export async function planMonitoring(ctx: Ctx): Promise<void> {
  const minutes = samplingMinutes(await readPace(ctx.db, ctx.tenantId))
  await schedule(ctx, { ...AGENDA, dueAt: new Date(ctx.now.getTime() + minutes * 60_000) })
}

/** Plans the first sampling of a tenant; a planned one stays. */
export async function ensureMonitoringPlanned(ctx: Ctx): Promise<void> {
  if (!(await dueAtOf(ctx, AGENDA.kind, AGENDA.key))) await planMonitoring(ctx)
}
