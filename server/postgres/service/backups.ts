import { recordActivity } from '@/server/activity/service'
import { dueAtOf } from '@/server/clock/service'
import type { KeyAccess } from '@/server/encryption/model'
import { currentEnvelope } from '@/server/encryption/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { sameId } from '@/server/kernel/resource-id'
import { parseKeyIdentifier } from '@/server/keys/model'
import { stepNames } from '@/server/workflow/model'
import { startOperation } from '@/server/workflow/service'
import { BACKUP_KIND, type BackupOperation, backupProgram } from '../backup.prog'
import { BACKUP_DELETE, BACKUP_WRITE } from '../backup.sweep'
import { expiryOf, planExpiry } from '../backups'
import type { BackupInput, BackupsView, BackupView, DependentBackups } from '../contract'
import { BACKUP_AGENDA, type BackupRecord } from '../model'
import * as serverStore from '../store'
import * as store from '../store/backups'
import { refuseByState, requireServer } from './change-server'
import { getInstallation } from './installation'
import { getServer } from './read-servers'

/** The backups of a server, newest first. @throws AppError `ResourceNotFound`, `AuthorizationFailed`. */
export async function listBackups(ctx: Ctx, name: string): Promise<BackupsView> {
  const server = await getServer(ctx, name)
  const [backups, next] = await Promise.all([
    store.listBackups(ctx.db, server.id),
    dueAtOf(ctx, BACKUP_AGENDA.take, server.id),
  ])
  const points = backups.flatMap((b) => (b.status === 'Succeeded' && b.completedAt ? [b.completedAt] : []))
  return {
    backups: backups.map(toView),
    retentionDays: server.backupRetentionDays,
    nextAutomaticAt: next?.toISOString() ?? null,
    earliestRestorePoint: points.at(-1)?.toISOString() ?? null,
  }
}

const toView = (backup: BackupRecord): BackupView => ({
  name: backup.name,
  type: backup.type,
  status: backup.status,
  startedAt: backup.startedAt.toISOString(),
  completedAt: backup.completedAt?.toISOString() ?? null,
  expiresAt: backup.expiresAt.toISOString(),
  bytes: Number(backup.bytes),
  kid: backup.kid,
  problem: backup.error?.message ?? null,
})

/**
 * Asks for a backup now.
 * @throws AppError `AuthorizationFailed`, `ServerIsBusy`, `ServerIsNotReady`, `DataPlaneUnavailable`, `NameUnavailable`,
 * `Conflict` while another one is being taken.
 */
export async function backUpNow(ctx: Ctx, keyAccess: KeyAccess, input: BackupInput): Promise<{ operationId: string }> {
  const { id } = await requireServer(ctx, input.serverId)
  await authorize(ctx, BACKUP_WRITE, id)
  const { available, reason } = await getInstallation(ctx)
  if (!available) {
    throw new AppError('DataPlaneUnavailable', {
      publicMessage: `This installation runs no databases, so that there is nothing to back up. ${reason ?? ''}`.trim(),
    })
  }
  return transact(ctx, async (tx) => {
    const server = await requireServer(tx, id, true)
    refuseByState(server, 'backUp')
    await refuseTwice(tx, server.id, input.name)
    const { kid } = await currentEnvelope(tx, { serverId: server.id, role: 'primary' })
    const operation: BackupOperation = { serverName: server.name, backupId: newId(), backupName: input.name }
    await store.saveBackup(tx.db, {
      id: operation.backupId,
      tenantId: tx.tenantId,
      serverId: server.id,
      name: input.name,
      type: 'OnDemand',
      status: 'Running',
      startedAt: tx.now,
      completedAt: null,
      expiresAt: expiryOf(server, tx.now),
      bytes: 0n,
      kid,
      error: null,
    })
    const operationId = await startOperation(tx, {
      kind: BACKUP_KIND,
      name: `Back up ${server.name}`,
      resourceId: server.id,
      input: operation,
      steps: stepNames(backupProgram({ keyAccess, dataPlane: null }), operation),
    })
    await recordActivity(tx, {
      operationName: BACKUP_WRITE,
      resourceId: server.id,
      operationId,
      status: 'Accepted',
      description: `Backing up ${server.name} as ${input.name}`,
    })
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'servers' })
    return { operationId }
  })
}

async function refuseTwice(tx: Ctx, serverId: string, name: string): Promise<void> {
  const backups = await store.listBackups(tx.db, serverId)
  if (backups.some((b) => b.status === 'Running')) {
    throw new AppError('Conflict', {
      publicMessage: 'A backup of this server is being taken. Wait until it has ended.',
    })
  }
  if (backups.some((b) => b.name === name)) {
    const publicMessage = `There is a backup ${name} already. Choose another name.`
    throw new AppError('NameUnavailable', { publicMessage, field: 'name', fields: { name: publicMessage } })
  }
}

/** Deletes a backup: an engine removes its files at once. @throws AppError `AuthorizationFailed`, `ResourceNotFound`, `Conflict`. */
export async function deleteBackup(ctx: Ctx, input: BackupInput): Promise<void> {
  const { id, name: serverName } = await requireServer(ctx, input.serverId)
  await authorize(ctx, BACKUP_DELETE, id)
  await transact(ctx, async (tx) => {
    const backup = await requireBackup(tx, id, input.name)
    if (backup.status === 'Running') {
      throw new AppError('Conflict', {
        publicMessage: 'This backup is being taken. Wait until it has ended, or cancel it.',
      })
    }
    await store.updateBackup(tx.db, backup.id, { status: 'Deleting', expiresAt: tx.now })
    await planExpiry(tx, backup.id, tx.now)
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'servers' })
    await recordActivity(tx, {
      operationName: BACKUP_DELETE,
      resourceId: id,
      status: 'Succeeded',
      description: `The backup ${backup.name} of ${serverName} was deleted.`,
    })
  })
}

/** @throws AppError `ResourceNotFound`. */
export async function requireBackup(ctx: Ctx, serverId: string, name: string): Promise<BackupRecord> {
  const backup = await store.findBackup(ctx.db, { serverId, name })
  if (backup) return backup
  throw new AppError('ResourceNotFound', { publicMessage: `There is no backup ${name} of this server any more.` })
}

/**
 * Backups that only a key store, a key or one version of it opens, by server. Their servers' names are told to whoever
 * may ask: one who can take the key away has to know what that costs.
 */
export async function backupsUsingKey(
  ctx: Ctx,
  by: { storeName: string; keyName?: string; version?: string },
): Promise<DependentBackups[]> {
  const backups = (await store.listRestorable(ctx.db, ctx.tenantId)).filter(({ kid }) => {
    const id = parseKeyIdentifier(kid)
    if (!id || !sameId(id.storeName, by.storeName)) return false
    if (by.keyName && !sameId(id.keyName, by.keyName)) return false
    return !by.version || id.version === by.version
  })
  const byServer = new Map<string, BackupRecord[]>()
  for (const backup of backups) byServer.set(backup.serverId, [...(byServer.get(backup.serverId) ?? []), backup])
  const servers = await serverStore.findServers(ctx.db, [...byServer.keys()])
  return servers
    .filter((server) => server.encryptionType === 'AzureKeyVault')
    .map(({ id, name }) => {
      const own = byServer.get(id) ?? []
      const newest = Math.max(...own.map((b) => (b.completedAt ?? b.startedAt).getTime()))
      return { serverName: name, backups: own.length, newestAt: new Date(newest).toISOString() }
    })
    .sort((a, b) => a.serverName.localeCompare(b.serverName, 'en'))
}
