'use client'
import { CheckmarkCircleFilled } from '@fluentui/react-icons/svg/checkmark-circle'
import { DismissCircleFilled } from '@fluentui/react-icons/svg/dismiss-circle'
import { StatusPill } from '@/components/ui/status-pill'

/** Azure's two words for whether the key works. */
export function KeyStatus({ status }: { status: 'Valid' | 'Invalid' }) {
  return status === 'Valid' ? (
    <StatusPill tone="success" icon={<CheckmarkCircleFilled />}>
      Valid
    </StatusPill>
  ) : (
    <StatusPill tone="danger" icon={<DismissCircleFilled />}>
      Invalid
    </StatusPill>
  )
}
