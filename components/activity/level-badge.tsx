'use client'
import { ErrorCircleFilled } from '@fluentui/react-icons/svg/error-circle'
import { InfoRegular } from '@fluentui/react-icons/svg/info'
import { TextBulletListRegular } from '@fluentui/react-icons/svg/text-bullet-list'
import { WarningFilled } from '@fluentui/react-icons/svg/warning'
import type { ReactNode } from 'react'
import { StatusPill, type Tone } from '@/components/ui/status-pill'
import type { ActivityView } from '@/server/activity/contract'

const LOOKS: Record<ActivityView['level'], [Tone, ReactNode]> = {
  Critical: ['danger', <ErrorCircleFilled key="i" />],
  Error: ['danger', <ErrorCircleFilled key="i" />],
  Warning: ['warning', <WarningFilled key="i" />],
  Informational: ['progress', <InfoRegular key="i" />],
  Verbose: ['neutral', <TextBulletListRegular key="i" />],
}

export const LEVELS = Object.keys(LOOKS) as ActivityView['level'][]

export function LevelBadge({ level }: { level: ActivityView['level'] }) {
  const [tone, icon] = LOOKS[level]
  return (
    <StatusPill tone={tone} icon={icon}>
      {level}
    </StatusPill>
  )
}
