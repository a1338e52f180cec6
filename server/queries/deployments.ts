import 'server-only'
import { z } from 'zod'
import type { Permission } from '@/server/identity/contract'
import { authorize, can, findPrincipal, listSubscriptions, readableFilter } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { parseResourceId } from '@/server/kernel/resource-id'
import {
  basicsInput,
  type CreateServerInput,
  encryptionInput,
  networkingInput,
  tagsInput,
} from '@/server/postgres/contract'
import type { OperationView } from '@/server/workflow/contract'
import { getOperation, listOperations } from '@/server/workflow/service'

export const SERVER_READ = 'Microsoft.DBforPostgreSQL/flexibleServers/read'
export const SERVER_WRITE = 'Microsoft.DBforPostgreSQL/flexibleServers/write'
const CREATE = 'createServer'
const LISTED = 200

export type DeploymentRow = Pick<
  OperationView,
  'id' | 'kind' | 'name' | 'status' | 'createdAt' | 'endedAt' | 'requestedBy'
> & { resourceName: string; resourceGroup: string }

/** The operations on resources that the person may read, newest first. */
export async function readDeployments(ctx: Ctx): Promise<DeploymentRow[]> {
  const [operations, readable] = await Promise.all([listOperations(ctx, { limit: LISTED }), readableFilter(ctx)])
  return operations.filter((op) => readable(op.resourceId)).map(toRow)
}

function toRow({ id, kind, name, status, createdAt, endedAt, requestedBy, resourceId }: OperationView): DeploymentRow {
  const parsed = parseResourceId(resourceId)
  const resource = { resourceName: parsed?.name ?? resourceId, resourceGroup: parsed?.resourceGroup ?? '' }
  return { id, kind, name, status, createdAt, endedAt, requestedBy, ...resource }
}

export type DeploymentView = {
  operation: OperationView
  resourceName: string
  resourceGroup: string
  subscriptionName: string
  /** What was asked for, where a server was; its password is empty. */
  request: CreateServerInput | null
  /** The Entra administrator asked for, while the directory has one of that id. */
  administrator: { objectId: string; name: string; type: string } | null
  creates: boolean
  cancel: Permission
  retry: Permission
}

/** @throws AppError `ResourceNotFound`, `AuthorizationFailed`. */
export async function readDeployment(ctx: Ctx, operationId: string): Promise<DeploymentView> {
  const { input, ...operation } = await getOperation(ctx, operationId)
  await authorize(ctx, SERVER_READ, operation.resourceId)
  const parsed = parseResourceId(operation.resourceId)
  const request = operation.kind === CREATE ? readRequest(input) : null
  const [subscriptions, write, administrator] = await Promise.all([
    listSubscriptions(ctx),
    can(ctx, SERVER_WRITE, operation.resourceId),
    administratorOf(ctx, request),
  ])
  return {
    operation: { ...operation, input: null },
    resourceName: parsed?.name ?? operation.resourceId,
    resourceGroup: parsed?.resourceGroup ?? '',
    subscriptionName: subscriptions.find((s) => s.id === parsed?.subscriptionId)?.name ?? parsed?.subscriptionId ?? '',
    request,
    administrator,
    creates: operation.kind === CREATE,
    cancel: write,
    retry: write,
  }
}

async function administratorOf(ctx: Ctx, request: CreateServerInput | null): Promise<DeploymentView['administrator']> {
  const objectId = request?.basics.authentication.entraAdministrator
  const principal = objectId ? await findPrincipal(ctx, objectId) : null
  return principal && { objectId: principal.objectId, name: principal.displayName, type: principal.kind }
}

/** The shape alone: what was once accepted is shown also when today's rules would refuse it. */
const requestShape = z.object({
  basics: basicsInput,
  networking: networkingInput,
  encryption: encryptionInput,
  tags: tagsInput,
})

const readRequest = (input: unknown): CreateServerInput | null => requestShape.safeParse(input).data ?? null
