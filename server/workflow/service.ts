import type { Ctx } from '@/server/kernel/context'
import type { Prisma } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import type { OperationError, OperationView } from './contract'
import { canCancel, canRetry, type OperationStatus, type StepStatus } from './model'
import * as store from './store'

/** Fields of an operation's input that hold sealed bytes: never shown. */
const HIDDEN_INPUT = ['sealedVerifier']

/**
 * Writes an operation and its steps down, in the caller's transaction; an engine takes it up once that commits.
 * @param input plain JSON; secrets in it must be sealed.
 * @returns the operation's id.
 */
export async function startOperation(
  ctx: Ctx,
  init: {
    kind: string
    name: string
    resourceId: string
    input: Prisma.InputJsonObject
    steps: { name: string; title: string }[]
    retryOfId?: string
  },
): Promise<string> {
  const { steps, ...rest } = init
  const id = newId()
  const { objectId, displayName, kind, upn } = ctx.principal
  await store.insertOperation(
    ctx.db,
    {
      ...rest,
      id,
      tenantId: ctx.tenantId,
      status: 'Accepted',
      requestedBy: { objectId, displayName, kind, upn },
      correlationId: ctx.correlationId,
      createdAt: ctx.now,
    },
    steps,
  )
  await announce(ctx.db, { tenantId: ctx.tenantId, topic: 'operations' })
  return id
}

/** @throws AppError `ResourceNotFound`. The caller checks whether the principal may read it. */
export async function getOperation(ctx: Ctx, id: string): Promise<OperationView> {
  return toView(await load(ctx, id))
}

export async function listOperations(
  ctx: Ctx,
  query: { resourceId?: string; limit: number },
): Promise<OperationView[]> {
  return (await store.listOperations(ctx.db, { tenantId: ctx.tenantId, ...query })).map(toView)
}

/** Asks an operation to stop; what it had done is undone. @throws AppError `Conflict` when it has ended. */
export async function cancelOperation(ctx: Ctx, id: string): Promise<void> {
  await load(ctx, id)
  if (!(await store.askCancel(ctx.db, id))) {
    throw new AppError('Conflict', { publicMessage: 'This operation has already ended, or is being undone.' })
  }
  await announce(ctx.db, { tenantId: ctx.tenantId, topic: 'operations' })
}

/** The input of an ended operation, for a retry by the service that owns its kind. @throws AppError `Conflict` while it runs. */
export async function inputForRetry(
  ctx: Ctx,
  id: string,
): Promise<{ kind: string; name: string; resourceId: string; input: unknown }> {
  const row = await load(ctx, id)
  if (!canRetry(row.status as OperationStatus)) {
    throw new AppError('Conflict', { publicMessage: 'Only a failed or cancelled operation can be repeated.' })
  }
  return row
}

async function load(ctx: Ctx, id: string): Promise<store.OperationRow> {
  const row = /^[0-9a-f-]{36}$/i.test(id) ? await store.findOperation(ctx.db, id) : null
  if (!row || row.tenantId !== ctx.tenantId) {
    throw new AppError('ResourceNotFound', { publicMessage: `There is no operation ${id}.` })
  }
  return row
}

function toView(row: store.OperationRow): OperationView {
  const status = row.status as OperationStatus
  const input = { ...(row.input as Record<string, unknown>) }
  for (const field of HIDDEN_INPUT) delete input[field]
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    resourceId: row.resourceId,
    status: row.cancelAsked && canCancel(status) ? 'Canceling' : status,
    error: row.error as OperationError | null,
    input,
    requestedBy: (row.requestedBy as { displayName: string }).displayName,
    correlationId: row.correlationId,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    canCancel: canCancel(status) && !row.cancelAsked,
    canRetry: canRetry(status),
    retryOfId: row.retryOfId,
    steps: row.steps.map((s) => ({
      name: s.name,
      title: s.title,
      status: s.status as StepStatus,
      attempts: s.attempts,
      startedAt: s.startedAt?.toISOString() ?? null,
      endedAt: s.endedAt?.toISOString() ?? null,
      workMs: s.workMs,
      detail: s.detail,
      error: s.error as OperationError | null,
    })),
  }
}
