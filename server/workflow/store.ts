import type { Db, Prisma } from '@/server/kernel/db'
import type { OperationError } from './contract'
import type { OperationStatus, StepStatus } from './model'

export type OperationRow = Prisma.OperationGetPayload<{ include: { steps: true } }>

export async function insertOperation(
  db: Db,
  row: Omit<Prisma.OperationUncheckedCreateInput, 'steps'>,
  steps: { name: string; title: string }[],
): Promise<void> {
  await db.operation.create({
    data: { ...row, steps: { create: steps.map((s, ordinal) => ({ ...s, ordinal, status: 'Pending' })) } },
  })
}

export function findOperation(db: Db, id: string): Promise<OperationRow | null> {
  return db.operation.findUnique({ where: { id }, include: { steps: { orderBy: { ordinal: 'asc' } } } })
}

export function listOperations(
  db: Db,
  where: { tenantId: string; resourceId?: string; limit: number },
): Promise<OperationRow[]> {
  return db.operation.findMany({
    where: {
      tenantId: where.tenantId,
      resourceId: where.resourceId && { equals: where.resourceId, mode: 'insensitive' },
    },
    include: { steps: { orderBy: { ordinal: 'asc' } } },
    orderBy: { createdAt: 'desc' },
    take: where.limit,
  })
}

/** Moves an operation on unless it has ended; false when it had. */
export async function setStatus(
  db: Db,
  id: string,
  status: OperationStatus,
  extra: { error?: OperationError; endedAt?: Date } = {},
): Promise<boolean> {
  const { count } = await db.operation.updateMany({
    where: { id, status: { notIn: ['Succeeded', 'Failed', 'Canceled'] } },
    data: { status, ...extra },
  })
  return count > 0
}

export async function askCancel(db: Db, id: string): Promise<boolean> {
  const { count } = await db.operation.updateMany({
    where: { id, status: { in: ['Accepted', 'Running', 'Waiting'] } },
    data: { cancelAsked: true },
  })
  return count > 0
}

export async function setStep(
  db: Db,
  operationId: string,
  ordinal: number,
  data: {
    status: StepStatus
    startedAt?: Date
    endedAt?: Date
    workMs?: number
    detail?: string | null
    error?: OperationError
    attempt?: boolean
  },
): Promise<void> {
  const { attempt, ...rest } = data
  await db.operationStep.update({
    where: { operationId_ordinal: { operationId, ordinal } },
    data: { ...rest, ...(attempt ? { attempts: { increment: 1 } } : {}) },
  })
}

/** Operations that have work to do now: not ended, and not waiting for a virtual date. */
export async function countActive(db: Db, tenantId: string): Promise<number> {
  return db.operation.count({ where: { tenantId, status: { in: ['Accepted', 'Running', 'Canceling'] } } })
}

export function listUnfinished(
  db: Db,
  statuses: OperationStatus[],
): Promise<{ id: string; status: string; cancelAsked: boolean }[]> {
  return db.operation.findMany({
    where: { status: { in: statuses } },
    select: { id: true, status: true, cancelAsked: true },
    orderBy: { createdAt: 'asc' },
  })
}
