import type { Ctx } from '@/server/kernel/context'

export const OPERATION_STATUSES = [
  'Accepted',
  'Running',
  'Waiting',
  'Canceling',
  'Succeeded',
  'Failed',
  'Canceled',
] as const
export type OperationStatus = (typeof OPERATION_STATUSES)[number]

export const STEP_STATUSES = ['Pending', 'Running', 'Waiting', 'Succeeded', 'Failed', 'Undone'] as const
export type StepStatus = (typeof STEP_STATUSES)[number]

export const isTerminal = (status: OperationStatus): boolean => ['Succeeded', 'Failed', 'Canceled'].includes(status)

export const canCancel = (status: OperationStatus): boolean => ['Accepted', 'Running', 'Waiting'].includes(status)

export const canRetry = (status: OperationStatus): boolean => ['Failed', 'Canceled'].includes(status)

/** What a step gets: the operation's input, and a context with the tenant's present time. */
export type StepContext<I> = Ctx & { operationId: string; resourceId: string; input: I }

/** A step is done, or waits for a virtual date and then runs again. */
export type StepOutcome = { detail?: string } | { waitUntil: Date; reason: string }

/**
 * One step of a long action. It may run twice (the process can die after its work and before it is written down), so
 * it looks before it makes. `undo` takes back what `run` may have done, also half of it.
 */
export type Step<I> = {
  name: string
  title: string
  run(ctx: StepContext<I>): Promise<StepOutcome>
  undo?(ctx: StepContext<I>): Promise<void>
}

export type Program<I> = {
  kind: string
  /** Steps in order; which ones may depend on the input, never on anything else. */
  steps(input: I): Step<I>[]
  /** Runs once everything is undone, or when the last step is done. */
  finished(
    ctx: StepContext<I>,
    result:
      | { status: 'Succeeded' }
      | { status: 'Failed' | 'Canceled'; error: { code: string; message: string; rule?: string } },
  ): Promise<void>
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds programs of every input type; each is run with its own.
export type AnyProgram = Program<any>

export const stepNames = <I>(program: Program<I>, input: I): { name: string; title: string }[] =>
  program.steps(input).map(({ name, title }) => ({ name, title }))
