import { DBOS } from '@dbos-inc/dbos-sdk'
import type { Ctx, Principal } from '@/server/kernel/context'
import type { PrismaClient } from '@/server/kernel/db'
import { isAppError } from '@/server/kernel/errors'
import { log, redact } from '@/server/kernel/log'
import { announce } from '@/server/kernel/notify'
import { monotonicMs } from '@/server/kernel/time'
import type { OperationError } from './contract'
import type { AnyProgram, StepContext } from './model'
import * as store from './store'

export type StepPhase = 'before' | 'after' | 'undo'

export type RunnerDeps = {
  db: PrismaClient
  programs: readonly AnyProgram[]
  /** A context of the tenant at its present instant, acting for the person who asked, with the service's own rights. */
  contextFor(operation: { tenantId: string; requestedBy: Principal; correlationId: string }): Promise<Ctx>
  /** Plans that the waiting operation is woken at a virtual date. */
  wakeAt(ctx: Ctx, operationId: string, at: Date): Promise<void>
  /** Watches each step; a test's engine dies in it. */
  onStep?(event: { kind: string; step: string; phase: StepPhase }): void
}

type Progress =
  | { kind: 'done' }
  | { kind: 'waiting' }
  | { kind: 'canceled' }
  | { kind: 'failed'; error: OperationError }

const RESUME = 'resume'
/** Longest real time to sit in one `recv`; it is taken up again at once. */
const RECV_SECONDS = 3600

let deps: RunnerDeps | undefined

const runner = (): RunnerDeps => {
  if (!deps) throw new Error('The operation runner was not set up.')
  return deps
}

/**
 * The durable workflow that carries every operation: each step's outcome is written down by the workflow engine before
 * the next begins, and after a crash the step that was under way runs again.
 */
async function operationWorkflow(operationId: string): Promise<string> {
  const total = await DBOS.runStep(() => countSteps(operationId), { name: 'load' })
  let ended: { status: 'Succeeded' } | { status: 'Failed' | 'Canceled'; error: OperationError } = {
    status: 'Succeeded',
  }
  let reached = 0
  for (; reached < total; reached++) {
    const progress = await untilProgress(operationId, reached)
    if (progress.kind === 'done') continue
    ended =
      progress.kind === 'canceled'
        ? {
            status: 'Canceled',
            error: { code: 'OperationCanceled', message: 'The operation was cancelled; what it had done was undone.' },
          }
        : { status: 'Failed', error: progress.error }
    break
  }
  if (ended.status !== 'Succeeded') {
    for (let i = Math.min(reached, total - 1); i >= 0; i--) {
      await DBOS.runStep(() => undoStep(operationId, i), { name: `undo ${i}`, retriesAllowed: true, maxAttempts: 10 })
    }
  }
  await DBOS.runStep(() => finish(operationId, ended), { name: 'finish', retriesAllowed: true, maxAttempts: 10 })
  return ended.status
}

async function untilProgress(operationId: string, ordinal: number): Promise<Exclude<Progress, { kind: 'waiting' }>> {
  for (let attempt = 0; ; attempt++) {
    const progress = await DBOS.runStep(() => runStep(operationId, ordinal), {
      name: `step ${ordinal} attempt ${attempt}`,
    })
    if (progress.kind !== 'waiting') return progress
    await DBOS.recv(RESUME, { timeoutSeconds: RECV_SECONDS })
  }
}

const registered = DBOS.registerWorkflow(operationWorkflow, { name: 'operation' })

export function setUpRunner(init: RunnerDeps): void {
  deps = init
}

/** Starts an accepted operation; starting it twice does nothing. */
export async function dispatchOperation(operationId: string): Promise<void> {
  await DBOS.startWorkflow(registered, { workflowID: operationId })(operationId)
}

/** Wakes an operation that waits for a virtual date, or for its cancellation to be noticed. */
export async function resumeOperation(operationId: string): Promise<void> {
  const { db } = runner()
  // Running from now on, so that the clock does not move on past it before it has had its turn.
  await db.operation.updateMany({ where: { id: operationId, status: 'Waiting' }, data: { status: 'Running' } })
  await DBOS.send(operationId, 'go', RESUME)
}

type Loaded = { operation: store.OperationRow; program: AnyProgram; ctx: StepContext<unknown> }

async function load(operationId: string): Promise<Loaded> {
  const { db, programs, contextFor } = runner()
  const operation = await store.findOperation(db, operationId)
  const program = programs.find((p) => p.kind === operation?.kind)
  if (!operation || !program) throw new Error(`There is no program for operation ${operationId}.`)
  const requestedBy = operation.requestedBy as Pick<Principal, 'objectId' | 'displayName' | 'kind' | 'upn'>
  const ctx = await contextFor({
    tenantId: operation.tenantId,
    correlationId: operation.correlationId,
    requestedBy: { ...requestedBy, groupIds: [], isService: true },
  })
  return { operation, program, ctx: { ...ctx, operationId, resourceId: operation.resourceId, input: operation.input } }
}

async function countSteps(operationId: string): Promise<number> {
  const { operation } = await load(operationId)
  await store.setStatus(runner().db, operationId, 'Running')
  return operation.steps.length
}

async function runStep(operationId: string, ordinal: number): Promise<Progress> {
  const { db, onStep, wakeAt } = runner()
  const { operation, program, ctx } = await load(operationId)
  if (operation.cancelAsked) return { kind: 'canceled' }
  const step = program.steps(operation.input)[ordinal]!
  const startedAt = operation.steps[ordinal]?.startedAt ?? ctx.now
  await store.setStep(db, operationId, ordinal, { status: 'Running', startedAt, attempt: true })
  await tell(ctx)
  onStep?.({ kind: program.kind, step: step.name, phase: 'before' })
  const startMs = monotonicMs()
  try {
    const outcome = await step.run(ctx)
    if ('waitUntil' in outcome) {
      await store.setStep(db, operationId, ordinal, { status: 'Waiting', detail: outcome.reason })
      await store.setStatus(db, operationId, 'Waiting')
      await wakeAt(ctx, operationId, outcome.waitUntil)
      await tell(ctx)
      return { kind: 'waiting' }
    }
    const workMs = monotonicMs() - startMs
    await store.setStep(db, operationId, ordinal, {
      status: 'Succeeded',
      endedAt: ctx.now,
      workMs,
      detail: outcome.detail ?? null,
    })
    onStep?.({ kind: program.kind, step: step.name, phase: 'after' })
    await tell(ctx)
    return { kind: 'done' }
  } catch (cause) {
    const error = describeFailure(cause, operation.correlationId)
    await store.setStep(db, operationId, ordinal, {
      status: 'Failed',
      endedAt: ctx.now,
      workMs: monotonicMs() - startMs,
      error,
    })
    await tell(ctx)
    return { kind: 'failed', error }
  }
}

async function undoStep(operationId: string, ordinal: number): Promise<void> {
  const { db, onStep } = runner()
  const { operation, program, ctx } = await load(operationId)
  await store.setStatus(db, operationId, 'Canceling')
  const row = operation.steps[ordinal]
  if (!row || row.status === 'Pending') return
  const step = program.steps(operation.input)[ordinal]!
  onStep?.({ kind: program.kind, step: step.name, phase: 'undo' })
  await step.undo?.(ctx)
  if (row.status !== 'Failed') await store.setStep(db, operationId, ordinal, { status: 'Undone', endedAt: ctx.now })
  await tell(ctx)
}

async function finish(operationId: string, result: Parameters<AnyProgram['finished']>[1]): Promise<void> {
  const { db } = runner()
  const { program, ctx } = await load(operationId)
  await program.finished(ctx, result)
  await store.setStatus(db, operationId, result.status, {
    endedAt: ctx.now,
    ...('error' in result ? { error: result.error } : {}),
  })
  await tell(ctx)
}

const tell = (ctx: Ctx) => announce(ctx.db, { tenantId: ctx.tenantId, topic: 'operations' })

function describeFailure(cause: unknown, correlationId: string): OperationError {
  if (isAppError(cause)) {
    const rule = cause.fields?.rule
    return { code: cause.vendorCode ?? cause.code, message: redact(cause.publicMessage), ...(rule ? { rule } : {}) }
  }
  log.error(`operation failed unexpectedly (correlation ${correlationId})`, cause)
  return {
    code: 'InternalServerError',
    message: `Something unexpected went wrong; nothing was left behind. Try again. Correlation id: ${correlationId}`,
  }
}
