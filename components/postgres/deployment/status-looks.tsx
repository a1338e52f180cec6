'use client'
import { ArrowSyncRegular } from '@fluentui/react-icons/svg/arrow-sync'
import { ArrowUndoRegular } from '@fluentui/react-icons/svg/arrow-undo'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { CircleRegular } from '@fluentui/react-icons/svg/circle'
import { ClockRegular } from '@fluentui/react-icons/svg/clock'
import { ErrorCircleFilled } from '@fluentui/react-icons/svg/error-circle'
import { ProhibitedRegular } from '@fluentui/react-icons/svg/prohibited'
import type { ReactNode } from 'react'
import { StatusPill, type Tone } from '@/components/ui/status-pill'
import type { OperationStatus, StepStatus } from '@/server/workflow/model'

type Look = [tone: Tone, icon: ReactNode, word: string]

const OPERATIONS: Record<OperationStatus, Look> = {
  Accepted: ['progress', <ClockRegular key="i" />, 'Accepted'],
  Running: ['progress', <ArrowSyncRegular key="i" />, 'Running'],
  Waiting: ['warning', <ClockRegular key="i" />, 'Waiting'],
  Canceling: ['warning', <ArrowUndoRegular key="i" />, 'Cancelling'],
  Succeeded: ['success', <CheckmarkCircleFilled key="i" />, 'Succeeded'],
  Failed: ['danger', <ErrorCircleFilled key="i" />, 'Failed'],
  Canceled: ['neutral', <ProhibitedRegular key="i" />, 'Cancelled'],
}

const STEPS: Record<StepStatus, Look> = {
  Pending: ['neutral', <CircleRegular key="i" />, 'Pending'],
  Running: OPERATIONS.Running,
  Waiting: OPERATIONS.Waiting,
  Succeeded: ['success', <CheckmarkCircleFilled key="i" />, 'OK'],
  Failed: OPERATIONS.Failed,
  Undone: ['neutral', <ArrowUndoRegular key="i" />, 'Undone'],
}

const pill = ([tone, icon, word]: Look) => (
  <StatusPill tone={tone} icon={icon}>
    {word}
  </StatusPill>
)

export const OperationBadge = ({ status }: { status: OperationStatus }) => pill(OPERATIONS[status])
export const StepBadge = ({ status }: { status: StepStatus }) => pill(STEPS[status])
