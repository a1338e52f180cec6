import { authorize, requireSubscription } from '@/server/identity/service'
import { AppError, isAppError } from '@/server/kernel/errors'
import { parseResourceId, RESOURCE_TYPES, sameId } from '@/server/kernel/resource-id'
import type { BackupView } from '@/server/postgres/contract'
import { getServer, listBackups } from '@/server/postgres/service'
import type { OperationView } from '@/server/workflow/contract'
import { isTerminal } from '@/server/workflow/model'
import { getOperation } from '@/server/workflow/service'
import { ArmError } from '../errors'
import { type ArmCall, type ArmReply, route } from '../route'
import { backupShape } from './backup-shape'
import { serverShape } from './server-shape'

const PROVIDER = '/subscriptions/{s}/providers/Microsoft.DBforPostgreSQL'
const READ = 'Microsoft.DBforPostgreSQL/flexibleServers/read'
/** Without it, or with 0, clients wait as long as they think best: half a minute in the Azure CLI. */
const RETRY_AFTER = { 'Retry-After': '1' }

/** The answer to a request whose work goes on: where to ask for its state, and where for its result. */
export function accepted(
  { ctx, params, apiVersion, base }: ArmCall,
  work: { operationId: string; location: string; name: string },
): ArmReply {
  const at = `${base}/subscriptions/${params.s}/providers/Microsoft.DBforPostgreSQL/locations/${work.location}`
  const url = (kind: string) => `${at}/${kind}/${work.operationId}?api-version=${apiVersion}`
  return {
    status: 202,
    headers: { 'Azure-AsyncOperation': url('azureAsyncOperation'), Location: url('operationResults'), ...RETRY_AFTER },
    body: { operation: work.name, startTime: ctx.now.toISOString() },
  }
}

/** An operation on a server of this subscription, whose server the caller may read, also when it is gone. */
async function requireOperation({ ctx, params }: ArmCall): Promise<OperationView> {
  await requireSubscription(ctx, params.s!)
  const operation = await getOperation(ctx, params.op!)
  const resource = parseResourceId(operation.resourceId)
  if (!resource || resource.type !== RESOURCE_TYPES.server || !sameId(resource.subscriptionId, params.s!))
    throw new AppError('ResourceNotFound', { publicMessage: `There is no operation ${params.op}.` })
  await authorize(ctx, READ, operation.resourceId)
  return operation
}

async function state(call: ArmCall): Promise<ArmReply> {
  const { id: name, status, createdAt, endedAt, error, steps } = await requireOperation(call)
  const done = steps.filter((step) => step.status === 'Succeeded').length
  return {
    headers: isTerminal(status) ? {} : RETRY_AFTER,
    body: {
      name,
      status: isTerminal(status) ? status : 'InProgress',
      startTime: createdAt,
      ...(endedAt ? { endTime: endedAt } : {}),
      percentComplete: isTerminal(status) ? 100 : Math.floor((100 * done) / Math.max(steps.length, 1)),
      ...(error ? { error: { code: error.code, message: error.message } } : {}),
    },
  }
}

async function result(call: ArmCall): Promise<ArmReply> {
  const { status, error, resourceId, input } = await requireOperation(call)
  if (!isTerminal(status)) return { status: 202, headers: RETRY_AFTER }
  if (status !== 'Succeeded')
    throw new ArmError(400, error?.code ?? 'OperationCanceled', error?.message ?? 'The operation was cancelled.')
  const server = await getServer(call.ctx, parseResourceId(resourceId)!.name).catch((cause: unknown) => {
    if (isAppError(cause) && cause.code === 'ResourceNotFound') return null
    throw cause
  })
  const backup = server && (await backupMade(call, server.name, input))
  if (server && backup) return { body: backupShape(server.id, backup) }
  return server ? { body: serverShape(server, call.ctx.tenantId) } : { status: 204 }
}

/** What an operation that takes a backup ends with. */
async function backupMade({ ctx }: ArmCall, server: string, input: unknown): Promise<BackupView | undefined> {
  const { backupName } = input as { backupName?: string }
  return backupName === undefined
    ? undefined
    : (await listBackups(ctx, server)).backups.find((backup) => backup.name === backupName)
}

export const serverOperationRoutes = [
  route('GET', `${PROVIDER}/locations/{l}/azureAsyncOperation/{op}`, state),
  route('GET', `${PROVIDER}/locations/{l}/operationResults/{op}`, result),
]
