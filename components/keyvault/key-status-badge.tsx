'use client'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { ClockRegular } from '@fluentui/react-icons/svg/clock'
import { ErrorCircleFilled } from '@fluentui/react-icons/svg/error-circle'
import { ProhibitedRegular } from '@fluentui/react-icons/svg/prohibited'
import type { ReactNode } from 'react'
import { useTickingNow } from '@/components/portal/use-ticking-now'
import { StatusPill, type Tone } from '@/components/ui/status-pill'
import type { KeyVersionView } from '@/server/keys/contract'
import { type KeyStatusWord, keyStatus } from './key-status'

const LOOKS: Record<KeyStatusWord, [Tone, ReactNode]> = {
  Enabled: ['success', <CheckmarkCircleFilled key="i" />],
  Disabled: ['neutral', <ProhibitedRegular key="i" />],
  Expired: ['danger', <ErrorCircleFilled key="i" />],
  'Not yet active': ['warning', <ClockRegular key="i" />],
}

/** How a key version stands now; follows the virtual clock. */
export function KeyStatusBadge({ version }: { version: Pick<KeyVersionView, 'enabled' | 'notBefore' | 'expires'> }) {
  const word = keyStatus(version, useTickingNow())
  const [tone, icon] = LOOKS[word]
  return (
    <StatusPill tone={tone} icon={icon}>
      {word}
    </StatusPill>
  )
}
