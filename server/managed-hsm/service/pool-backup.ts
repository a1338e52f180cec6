import { keyAccessMayChange } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { createCustody } from '@/server/kernel/custody'
import { transact } from '@/server/kernel/db'
import { AppError, isAppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { packStore, unpackStore } from '@/server/keys/service/backup'
import type { RequestOptions } from '@/server/keys/service/guarded'
import { containerUri, type HsmBackupView } from '../contract'
import {
  BACKUP_BEFORE_RESTORE_MINUTES,
  HSM_ADMIN_ACTIONS,
  type HsmAssignment,
  type HsmJob,
  type ManagedHsm,
} from '../model'
import { holdPool, onPool, withPoolKey } from '../service'
import * as store from '../store'

const PURPOSE = 'hsm-full-backup'

const toView = ({ id, at, containerUri: uri, folder }: HsmJob): HsmBackupView => ({
  ...{ jobId: id, at: at.toISOString(), containerUri: uri, folder },
})

const badContainer = (publicMessage: string) =>
  new AppError('BadParameter', { publicMessage, field: 'storageResourceUri' })

function readContainer(uri: string): string {
  const parsed = containerUri.safeParse(uri)
  if (parsed.success) return parsed.data
  throw badContainer(parsed.error.issues[0]!.message)
}

/** The name that the service gives a backup: pool and time to the second, and what makes it one of its own. */
const folderName = (hsm: ManagedHsm, at: Date, jobId: string): string =>
  `mhsm-${hsm.name}-${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}-${jobId.slice(0, 8)}`

/**
 * Backs a whole pool up: keys with their versions, local roles. Only a pool of the same security domain can open it.
 * SIMULATED: done when answered, and kept here under the container's name; a token for the storage is not looked at.
 * @throws AppError `BadParameter` (container), `ForbiddenByRbac`, `HsmNotActivated`.
 */
export async function backupPool(
  ctx: Ctx,
  nameOrId: string,
  container: string,
  options?: RequestOptions,
): Promise<HsmBackupView> {
  const request = { operationName: 'BackupStart', action: HSM_ADMIN_ACTIONS.startBackup, ...options }
  return onPool(ctx, nameOrId, request, async (hsm) => {
    const uri = readContainer(container)
    const id = newId()
    const job: HsmJob = {
      ...{ id, tenantId: ctx.tenantId, hsmId: hsm.id, kind: 'backup', containerUri: uri, at: ctx.now },
      folder: folderName(hsm, ctx.now, id),
    }
    const keys = await packStore(ctx, hsm.id)
    const roles = Buffer.from(JSON.stringify(await store.findAssignments(ctx.db, hsm.id)))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(roles.length)
    const plain = Buffer.concat([length, roles, keys])
    keys.fill(0)
    try {
      const blob = await withPoolKey(ctx, hsm, (poolKey) => createCustody(poolKey).seal(PURPOSE, job.folder, plain))
      await store.insertJob(ctx.db, { ...job, blob })
    } finally {
      plain.fill(0)
    }
    return toView(job)
  })
}

/** The newest full backups of a pool. @throws AppError `ForbiddenByRbac`. */
export const listPoolBackups = (ctx: Ctx, nameOrId: string): Promise<HsmBackupView[]> =>
  onPool(ctx, nameOrId, { operationName: 'BackupStatus', action: HSM_ADMIN_ACTIONS.readBackup }, async (hsm) =>
    (await store.findBackups(ctx.db, hsm.id, 50)).map(toView),
  )

/** A backup or restore by its job id. @throws AppError `ForbiddenByRbac`, `ResourceNotFound`. */
export async function findPoolJob(
  ctx: Ctx,
  nameOrId: string,
  kind: HsmJob['kind'],
  jobId: string,
  options?: RequestOptions,
): Promise<HsmBackupView> {
  const action = kind === 'backup' ? HSM_ADMIN_ACTIONS.readBackup : HSM_ADMIN_ACTIONS.readRestore
  const operationName = kind === 'backup' ? 'BackupStatus' : 'RestoreStatus'
  return onPool(ctx, nameOrId, { operationName, action, ...options }, async (hsm) => {
    const id = /^[0-9a-f-]{32,36}$/i.test(jobId) ? jobId : null
    const job = id && (await store.findJob(ctx.db, hsm.id, kind, id))
    if (!job)
      throw new AppError('ResourceNotFound', { publicMessage: `There is no ${kind} job ${jobId.slice(0, 64)}.` })
    return toView(job)
  })
}

export type RestoreInput = { container: string; folder: string /** Brings back this key alone. */; keyName?: string }

/**
 * Brings a pool back from a full backup: its keys and local roles are replaced by those of the backup, which takes a
 * backup of the pool within the half hour before; or one key comes back beside the others.
 * @throws AppError `BadParameter` (no such backup, or one of another security domain), `PreconditionFailed` (no recent
 * backup), `KeyNotFound`, `Conflict` (of the one key), `ForbiddenByRbac`, `HsmNotActivated`.
 */
export async function restorePool(
  ctx: Ctx,
  nameOrId: string,
  input: RestoreInput,
  options?: RequestOptions,
): Promise<HsmBackupView> {
  const operationName = input.keyName ? 'KeySelectiveRestore' : 'RestoreStart'
  const request = { operationName, action: HSM_ADMIN_ACTIONS.startRestore, ...options }
  return onPool(ctx, nameOrId, request, async (hsm) => {
    const uri = readContainer(input.container)
    const { roles, keys } = await openBackup(ctx, hsm, uri, input.folder)
    try {
      return await transact(ctx, async (tx) => {
        await holdPool(tx, hsm)
        if (input.keyName === undefined) await requireRecentBackup(tx, hsm)
        await unpackStore(tx, hsm.id, keys, input.keyName)
        if (input.keyName === undefined) await store.replaceAssignments(tx.db, hsm.id, roles.map(asOf(hsm)))
        const job: HsmJob = {
          ...{ id: newId(), tenantId: tx.tenantId, hsmId: hsm.id, kind: 'restore', containerUri: uri, at: tx.now },
          folder: input.folder,
        }
        await store.insertJob(tx.db, { ...job, blob: null })
        await keyAccessMayChange(tx, { storeId: hsm.id })
        for (const topic of ['keys', 'identity'] as const) await announce(tx.db, { tenantId: tx.tenantId, topic })
        return toView(job)
      })
    } finally {
      keys.fill(0)
    }
  })
}

async function requireRecentBackup(tx: Ctx, hsm: ManagedHsm): Promise<void> {
  const [last] = await store.findBackups(tx.db, hsm.id, 1)
  const since = tx.now.getTime() - BACKUP_BEFORE_RESTORE_MINUTES * 60_000
  if (last && last.at.getTime() >= since) return
  throw new AppError('PreconditionFailed', {
    publicMessage: `A restore replaces all keys and local roles of ${hsm.name}. Back the pool up first: a full backup must be less than ${BACKUP_BEFORE_RESTORE_MINUTES} minutes old.`,
  })
}

async function openBackup(ctx: Ctx, hsm: ManagedHsm, uri: string, folder: string) {
  const blob = await store.findBlob(ctx.db, { tenantId: ctx.tenantId, containerUri: uri, folder })
  if (!blob) throw badContainer(`There is no backup ${folder.slice(0, 128)} in ${uri}.`)
  const plain = await withPoolKey(ctx, hsm, (poolKey) => {
    try {
      return createCustody(poolKey).open(PURPOSE, folder, blob)
    } catch (error) {
      if (!isAppError(error)) throw error
      throw badContainer('The backup is of a pool with another security domain, or it was changed.')
    }
  })
  const end = 4 + plain.readUInt32BE(0)
  const roles = JSON.parse(plain.subarray(4, end).toString()) as (Omit<HsmAssignment, 'createdAt'> & {
    createdAt: string
  })[]
  return { roles, keys: plain.subarray(end) }
}

/** An assignment of a backup as one of this pool, which may be another one than it was of. */
const asOf =
  (hsm: ManagedHsm) =>
  (a: Omit<HsmAssignment, 'createdAt'> & { createdAt: string }): HsmAssignment => ({
    ...a,
    id: a.hsmId === hsm.id ? a.id : newId(),
    hsmId: hsm.id,
    createdAt: new Date(a.createdAt),
  })
