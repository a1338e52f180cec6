'use server'
import { backupInput, restoreInput } from '@/server/postgres/contract'
import { backUpNow, deleteBackup, restoreServer } from '@/server/postgres/service'
import { portalWiring } from '@/server/queries/portal-wiring'
import { portalRuntime } from '@/server/queries/runtime'
import type { ActionResult } from './result'
import { runAction } from './run-action'

export async function takeBackup(input: unknown): Promise<ActionResult<{ operationId: string }>> {
  return runAction(backupInput, input, (ctx, valid) => backUpNow(ctx, portalWiring().keyAccess, valid))
}

export async function removeBackup(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(backupInput, input, async (ctx, valid) => {
    await deleteBackup(ctx, valid)
    return undefined
  })
}

/** Makes a new server of a backup. */
export async function restoreBackup(input: unknown): Promise<ActionResult<{ operationId: string; serverId: string }>> {
  return runAction(restoreInput, input, (ctx, valid) =>
    restoreServer(ctx, { keyAccess: portalWiring().keyAccess, dataDir: portalRuntime().config.dataDir }, valid),
  )
}
