import { recordActivity } from '@/server/activity/service'
import type { KeyAccess } from '@/server/encryption/model'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { stepNames } from '@/server/workflow/model'
import { startOperation } from '@/server/workflow/service'
import { LIFECYCLE, type LifecycleCommand, lifecycleProgram } from '../lifecycle.prog'
import * as store from '../store'
import { moveServer } from '../transitions'
import { refuseByState, requireServer } from './change-server'

/** Asks to stop, start or restart a server. @throws AppError `AuthorizationFailed`, `ServerIsBusy`, `ServerIsNotReady`. */
export async function changeLife(
  ctx: Ctx,
  keyAccess: KeyAccess,
  command: LifecycleCommand,
  serverId: string,
): Promise<{ operationId: string }> {
  const { id } = await requireServer(ctx, serverId)
  const action = `Microsoft.DBforPostgreSQL/flexibleServers/${command}/action`
  await authorize(ctx, action, id)
  const { kind, during, title } = LIFECYCLE[command]
  return transact(ctx, async (tx) => {
    const server = await requireServer(tx, id, true)
    refuseByState(server, command)
    const input = { serverName: server.name }
    const operationId = await startOperation(tx, {
      kind,
      name: `${title} ${server.name}`,
      resourceId: server.id,
      input,
      steps: stepNames(lifecycleProgram({ keyAccess, dataPlane: null }, command), input),
    })
    await moveServer(tx, server, during, { title: `${title} was asked for` })
    await store.updateServer(tx.db, server.id, { busyOperationId: operationId })
    await recordActivity(tx, {
      operationName: action,
      resourceId: server.id,
      operationId,
      status: 'Accepted',
      description: `${title} of ${server.name}`,
    })
    return { operationId }
  })
}
