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
