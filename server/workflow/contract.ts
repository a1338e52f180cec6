import type { OperationStatus, StepStatus } from './model'

export type StepView = {
  name: string
  title: string
  status: StepStatus
  attempts: number
  /** Virtual instants, ISO 8601. */
  startedAt: string | null
  endedAt: string | null
  /** Real milliseconds of work. */
  workMs: number | null
  detail: string | null
  error: OperationError | null
}

/** What went wrong, for people; `code` is Azure's where there is one, `rule` names the broken precondition. */
export type OperationError = { code: string; message: string; rule?: string }

/** A long-running operation; a deployment when it creates. */
export type OperationView = {
  id: string
  kind: string
  name: string
  resourceId: string
  status: OperationStatus
  steps: StepView[]
  error: OperationError | null
  /** The request as it was made, without secrets. */
  input: unknown
  requestedBy: string
  correlationId: string
  createdAt: string
  endedAt: string | null
  canCancel: boolean
  canRetry: boolean
  retryOfId: string | null
}
