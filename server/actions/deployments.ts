'use server'
import { z } from 'zod'
import { recordActivity } from '@/server/activity/service'
import { authorize } from '@/server/identity/service'
import { retryCreation } from '@/server/postgres/service'
import { SERVER_WRITE } from '@/server/queries/deployments'
import { portalWiring } from '@/server/queries/portal-wiring'
import { cancelOperation, getOperation } from '@/server/workflow/service'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const target = z.object({ operationId: z.string().min(1, 'Name the deployment.') })

/** Stops a deployment and undoes what it has done. */
export async function cancelDeployment(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(target, input, async (ctx, { operationId }) => {
    const { resourceId, name } = await getOperation(ctx, operationId)
    await authorize(ctx, SERVER_WRITE, resourceId)
    await cancelOperation(ctx, operationId)
    await recordActivity(ctx, {
      operationName: 'Microsoft.Resources/deployments/cancel/action',
      resourceId,
      operationId,
      status: 'Accepted',
      description: `Cancelling ${name}`,
    })
    return undefined
  })
}

/** Asks anew for a server whose creation failed or was cancelled, with the same settings. */
export async function redeploy(input: unknown): Promise<ActionResult<{ operationId: string }>> {
  return runAction(target, input, (ctx, { operationId }) => retryCreation(ctx, portalWiring().keyAccess, operationId))
}
