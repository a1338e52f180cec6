import { recordActivity } from '@/server/activity/service'
import type { DataPlane } from '@/server/dataplane/service'
import { destroyDataKeys } from '@/server/encryption/service'
import { transact } from '@/server/kernel/db'
import { announce } from '@/server/kernel/notify'
import type { Program } from '@/server/workflow/model'
import { unplanBackups } from './backups'
import * as store from './store'
import { deleteBackups } from './store/backups'

export const DELETE_KIND = 'deleteServer'

/** Deletes a server. Its data keys go first: from then on nothing of it can be opened. It cannot be undone or cancelled half way. */
export const deleteProgram = (dataPlane: DataPlane | null = null): Program<{ serverName: string }> => ({
  kind: DELETE_KIND,
  steps: () => [
    {
      name: 'stopDatabase',
      title: 'End the database: its key is in no memory any more',
      async run(ctx) {
        await dataPlane?.kill(ctx.resourceId)
        return {}
      },
    },
    {
      name: 'destroyDataKeys',
      title: 'Destroy the wrapped data encryption keys',
      async run(ctx) {
        await destroyDataKeys(ctx, ctx.resourceId)
        return {}
      },
    },
    {
      name: 'destroyCluster',
      title: 'Remove the database’s files and its backups',
      async run(ctx) {
        await dataPlane?.destroy(ctx.resourceId)
        await dataPlane?.dropBackups(ctx.resourceId)
        return {}
      },
    },
    {
      name: 'removeServer',
      title: 'Remove the server and its settings',
      async run(ctx) {
        await transact(ctx, async (tx) => {
          await deleteBackups(tx.db, ctx.resourceId)
          await unplanBackups(tx, ctx.resourceId)
          await store.deleteServer(tx.db, ctx.resourceId)
          await announce(tx.db, { tenantId: ctx.tenantId, topic: 'servers' })
        })
        return {}
      },
    },
  ],
  async finished(ctx, result) {
    const failed = result.status !== 'Succeeded'
    await recordActivity(ctx, {
      operationName: 'Microsoft.DBforPostgreSQL/flexibleServers/delete',
      resourceId: ctx.resourceId,
      operationId: ctx.operationId,
      status: failed ? 'Failed' : 'Succeeded',
      description: failed
        ? `Deleting ${ctx.input.serverName} failed: ${result.error.message}`
        : `${ctx.input.serverName} was deleted.`,
    })
  },
})
