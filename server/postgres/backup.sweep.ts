import { recordActivity } from '@/server/activity/service'
import type { AgendaHandler } from '@/server/clock/model'
import { dueAtOf } from '@/server/clock/service'
import type { DataPlane } from '@/server/dataplane/service'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { isAppError } from '@/server/kernel/errors'
import { stableId } from '@/server/kernel/ids'
import { log } from '@/server/kernel/log'
import { announce } from '@/server/kernel/notify'
import { copyServer, expiryOf, planBackup, planExpiry, planFirstBackup } from './backups'
import type { ServerDeps } from './data-plane'
import {
  BACKUP_AGENDA,
  BACKUP_PERIOD_HOURS,
  BACKUP_RETRY_MINUTES,
  type BackupRecord,
  type ServerRecord,
  WATCHED_STATES,
} from './model'
import * as store from './store'
import { deleteBackup, findBackup, saveBackup } from './store/backups'

/** Azure's name of these entries of the activity log. */
export const BACKUP_WRITE = 'Microsoft.DBforPostgreSQL/flexibleServers/backups/write'
export const BACKUP_DELETE = 'Microsoft.DBforPostgreSQL/flexibleServers/backups/delete'

/**
 * Takes the automatic backup of one server, and plans the next. One that fails is in the list and in the activity log
 * with its reason. Killed in between, the same backup is taken again from its beginning.
 */
export const automaticBackup =
  (deps: ServerDeps): AgendaHandler =>
  async (due, item) => {
    const ctx = { ...due, principal: SERVICE_PRINCIPAL }
    const server = await store.findServer(ctx.db, { id: item.key })
    if (!server || !deps.dataPlane?.has(server.id)) return async () => undefined
    if (server.busyOperationId || !(WATCHED_STATES as readonly string[]).includes(server.state))
      return (tx) => planBackup(tx, server.id, BACKUP_RETRY_MINUTES)
    const backup = await take(ctx, deps, server)
    return async (committing) => {
      const tx = { ...committing, principal: SERVICE_PRINCIPAL }
      await saveBackup(tx.db, backup)
      await planExpiry(tx, backup.id, backup.expiresAt)
      await planBackup(tx, server.id, BACKUP_PERIOD_HOURS * 60)
      await announce(tx.db, { tenantId: tx.tenantId, topic: 'servers' })
      if (backup.error) await tellFailure(tx, server, backup)
    }
  }

async function take(ctx: Ctx, deps: ServerDeps, server: ServerRecord): Promise<BackupRecord> {
  const name = `backup_${ctx.now.toISOString().replace(/[-:]|\..*/g, '')}`
  const base = {
    id: stableId(`${server.id.toLowerCase()} ${name}`),
    tenantId: ctx.tenantId,
    serverId: server.id,
    name,
    type: 'Automatic' as const,
    startedAt: ctx.now,
    completedAt: ctx.now,
    expiresAt: expiryOf(server, ctx.now),
  }
  try {
    const { bytes, kid } = await copyServer(ctx, deps, server, base.id)
    return { ...base, status: 'Succeeded', bytes: BigInt(bytes), kid, error: null }
  } catch (cause) {
    const error = failureOf(cause, server)
    return { ...base, status: 'Failed', completedAt: null, bytes: 0n, kid: server.primaryKeyUri, error }
  }
}

function failureOf(cause: unknown, server: ServerRecord): { code: string; message: string } {
  if (isAppError(cause)) {
    if (cause.internal) log.warn(`backup of ${server.name}: ${cause.internal}`)
    return { code: cause.code, message: cause.publicMessage }
  }
  log.error(`the automatic backup of ${server.name} failed`, cause)
  return { code: 'Unexpected', message: 'Something broke here; the log of the engine says what.' }
}

const tellFailure = (tx: Ctx, server: ServerRecord, { name, error }: BackupRecord): Promise<void> =>
  recordActivity(tx, {
    operationName: BACKUP_WRITE,
    resourceId: server.id,
    status: 'Failed',
    description: `The automatic backup of ${server.name} failed: ${error!.message}`,
    subStatus: error!.code,
    properties: { backup: name, error },
  })

/** Deletes a backup whose time is over, or that somebody deleted: first its files. */
export const expireBackup =
  (dataPlane: DataPlane | null): AgendaHandler =>
  async (due, item) => {
    const backup = await findBackup(due.db, { id: item.key })
    if (!backup) return async () => undefined
    await dataPlane?.dropBackup({ serverId: backup.serverId, backupId: backup.id })
    return async (tx) => {
      await deleteBackup(tx.db, backup.id)
      await announce(tx.db, { tenantId: tx.tenantId, topic: 'servers' })
    }
  }

/** Plans the automatic backups of servers that have none planned: of an installation that had no backups yet. */
export async function ensureBackupsPlanned(ctx: Ctx, dataPlane: DataPlane): Promise<void> {
  for (const server of await store.listServers(ctx.db, ctx.tenantId)) {
    if (server.state === 'Provisioning' || !dataPlane.has(server.id)) continue
    if (!(await dueAtOf(ctx, BACKUP_AGENDA.take, server.id))) await planFirstBackup(ctx, server.id)
  }
}
