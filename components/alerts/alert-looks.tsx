import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { ClockRegular } from '@fluentui/react-icons/svg/clock'
import { ErrorCircleFilled } from '@fluentui/react-icons/svg/error-circle'
import { InfoRegular } from '@fluentui/react-icons/svg/info'
import { WarningFilled } from '@fluentui/react-icons/svg/warning'
import type { ReactNode } from 'react'
import { StatusPill, type Tone } from '@/components/ui/status-pill'
import type { DeliveryStatus, MonitorCondition } from '@/server/alerts/model'
import { SEVERITIES } from '@/server/alerts/model'

const SEVERITY_LOOKS: [Tone, ReactNode][] = [
  ['danger', <ErrorCircleFilled key="i" />],
  ['danger', <ErrorCircleFilled key="i" />],
  ['warning', <WarningFilled key="i" />],
  ['neutral', <InfoRegular key="i" />],
  ['neutral', <InfoRegular key="i" />],
]

export const severityText = (severity: number): string => `${severity} - ${SEVERITIES[severity] ?? ''}`

export function SeverityBadge({ severity }: { severity: number }) {
  const [tone, icon] = SEVERITY_LOOKS[severity] ?? SEVERITY_LOOKS[4]!
  return (
    <StatusPill tone={tone} icon={icon}>
      {severityText(severity)}
    </StatusPill>
  )
}

export function ConditionBadge({ condition }: { condition: MonitorCondition }) {
  const fired = condition === 'Fired'
  return (
    <StatusPill tone={fired ? 'danger' : 'success'} icon={fired ? <WarningFilled /> : <CheckmarkCircleFilled />}>
      {condition}
    </StatusPill>
  )
}

const DELIVERY_LOOKS: Record<DeliveryStatus, [Tone, ReactNode]> = {
  Pending: ['progress', <ClockRegular key="i" />],
  Delivered: ['success', <CheckmarkCircleFilled key="i" />],
  Undeliverable: ['warning', <WarningFilled key="i" />],
  Failed: ['danger', <ErrorCircleFilled key="i" />],
}

export function DeliveryBadge({ status }: { status: DeliveryStatus }) {
  const [tone, icon] = DELIVERY_LOOKS[status]
  return (
    <StatusPill tone={tone} icon={icon}>
      {status}
    </StatusPill>
  )
}
