import { recordActivity } from '@/server/activity/service'
import type { KeyAccess } from '@/server/encryption/model'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { stepNames } from '@/server/workflow/model'
import { startOperation } from '@/server/workflow/service'
import {
  LIFECYCLE,
  type LifecycleCommand,
  type LifecycleInput,
  lifecycleAction,
  lifecycleProgram,
} from '../lifecycle.prog'
import type { ServerRecord } from '../model'
import * as store from '../store'
import { moveServer } from '../transitions'
import { refuseByState, requireServer } from './change-server'

/** Asks to stop, start or restart a server. @throws AppError `AuthorizationFailed`, `ServerIsBusy`, `ServerIsNotReady`. */
export async function changeLife(
  ctx: Ctx,
  keyAccess: KeyAccess,
  command: Exclude<LifecycleCommand, 'scale'>,
  serverId: string,
): Promise<{ operationId: string }> {
  const { id } = await requireServer(ctx, serverId)
  await authorize(ctx, lifecycleAction(command), id)
  return transact(ctx, async (tx) => {
    const server = await requireServer(tx, id, true)
    refuseByState(server, command)
    return beginLife(tx, keyAccess, command, server)
  })
}

/** Hands the work on a locked server to an engine. */
export async function beginLife(
  tx: Ctx,
  keyAccess: KeyAccess,
  command: LifecycleCommand,
  server: ServerRecord,
  more: Omit<LifecycleInput, 'serverName'> = {},
): Promise<{ operationId: string }> {
  const { kind, during, title } = LIFECYCLE[command]
  const input = { serverName: server.name, ...more }
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
    operationName: lifecycleAction(command),
    resourceId: server.id,
    operationId,
    status: 'Accepted',
    description: `${title} of ${server.name}`,
  })
  return { operationId }
}
