'use client'
import { ArrowSyncRegular } from '@fluentui/react-icons/svg/arrow-sync'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { DeleteRegular } from '@fluentui/react-icons/svg/delete'
import { LockClosedFilled } from '@fluentui/react-icons/svg/lock-closed'
import { ProhibitedRegular } from '@fluentui/react-icons/svg/prohibited'
import { StopRegular } from '@fluentui/react-icons/svg/stop'
import { WarningFilled } from '@fluentui/react-icons/svg/warning'
import type { ReactNode } from 'react'
import type { ServerState, StandbyState } from '@/server/postgres/model'
import { StatusPill, type Tone } from './status-pill'

const working: [Tone, ReactNode] = ['progress', <ArrowSyncRegular key="i" />]

export const STATE_LOOKS: Record<ServerState | StandbyState, [Tone, ReactNode]> = {
  Ready: ['success', <CheckmarkCircleFilled key="i" />],
  Inaccessible: ['danger', <LockClosedFilled key="i" />],
  Provisioning: working,
  Updating: working,
  Starting: working,
  Restarting: working,
  Stopping: working,
  Stopped: ['neutral', <StopRegular key="i" />],
  Dropping: ['warning', <DeleteRegular key="i" />],
  Disabled: ['neutral', <ProhibitedRegular key="i" />],
  CreatingStandby: working,
  Healthy: ['success', <CheckmarkCircleFilled key="i" />],
  Degraded: ['warning', <WarningFilled key="i" />],
}

/** The state of a server or of its standby, in the vendor's word. */
export function StateBadge({ state }: { state: ServerState | StandbyState }) {
  const [tone, icon] = STATE_LOOKS[state]
  return (
    <StatusPill tone={tone} icon={icon}>
      {state}
    </StatusPill>
  )
}
