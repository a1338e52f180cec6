import { recordActivity } from '@/server/activity/service'
import { transact } from '@/server/kernel/db'
import { invariant } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import type { Program, Step, StepContext } from '@/server/workflow/model'
import { BACKUP_WRITE } from './backup.sweep'
import { copyServer, expiryOf, planExpiry } from './backups'
import { lendDek, requireDataPlane, type ServerDeps } from './data-plane'
import type { ServerRecord } from './model'
import * as store from './store'
import { updateBackup } from './store/backups'

export const BACKUP_KIND = 'backUpServer'
export type BackupOperation = { serverName: string; backupId: string; backupName: string }
type StepCtx = StepContext<BackupOperation>

const load = async (ctx: StepCtx): Promise<ServerRecord> => {
  const server = await store.findServer(ctx.db, { id: ctx.resourceId })
  invariant(server, `server ${ctx.resourceId} is gone`)
  return server
}

const placeOf = (ctx: StepCtx) => ({ serverId: ctx.resourceId, backupId: ctx.input.backupId })

const proveKey = ({ keyAccess }: ServerDeps): Step<BackupOperation> => ({
  name: 'proveKey',
  title: 'Unwrap the data encryption key: what cannot be opened is no backup',
  async run(ctx) {
    await lendDek(ctx, keyAccess, await load(ctx))(async () => undefined)
    return { detail: 'It opens.' }
  },
})

const copyFiles = (deps: ServerDeps): Step<BackupOperation> => ({
  name: 'copyFiles',
  title: 'Copy the sealed files, with the envelope that opens them',
  async run(ctx) {
    const server = await load(ctx)
    const { bytes, files, kid } = await copyServer(ctx, deps, server, ctx.input.backupId)
    await updateBackup(ctx.db, ctx.input.backupId, { bytes: BigInt(bytes), kid, completedAt: ctx.now })
    return { detail: `${files} files, sealed as they lie on the disk.` }
  },
  undo: async (ctx) => deps.dataPlane?.dropBackup(placeOf(ctx)),
})

const verifyFiles = ({ dataPlane }: ServerDeps): Step<BackupOperation> => ({
  name: 'verifyFiles',
  title: 'Hold every copied file against its hash',
  async run(ctx) {
    return { detail: `${await requireDataPlane(dataPlane).verifyBackup(placeOf(ctx))} files are whole.` }
  },
})

/** Takes a backup on demand. The server serves on meanwhile; one that sleeps is not woken. */
export const backupProgram = (deps: ServerDeps): Program<BackupOperation> => ({
  kind: BACKUP_KIND,
  steps: () => [proveKey(deps), copyFiles(deps), verifyFiles(deps)],
  async finished(ctx, result) {
    const { serverName, backupName, backupId } = ctx.input
    const failed = result.status !== 'Succeeded'
    await transact(ctx, async (tx) => {
      const server = await store.findServer(tx.db, { id: ctx.resourceId })
      const expiresAt = server ? expiryOf(server, tx.now) : tx.now
      await updateBackup(
        tx.db,
        backupId,
        failed
          ? { status: 'Failed', completedAt: null, expiresAt, error: result.error }
          : { status: 'Succeeded', expiresAt },
      )
      await planExpiry(tx, backupId, expiresAt)
      await announce(tx.db, { tenantId: tx.tenantId, topic: 'servers' })
      await recordActivity(tx, {
        operationName: BACKUP_WRITE,
        resourceId: ctx.resourceId,
        operationId: ctx.operationId,
        status: failed ? 'Failed' : 'Succeeded',
        description: failed
          ? `The backup ${backupName} of ${serverName} failed: ${result.error.message}`
          : `The backup ${backupName} of ${serverName} was taken.`,
        ...(failed ? { subStatus: result.error.code, properties: { error: result.error } } : {}),
      })
    })
  },
})
