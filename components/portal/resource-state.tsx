'use client'
import { WarningRegular } from '@fluentui/react-icons/svg/warning'
import { STATE_LOOKS, StateBadge } from '@/components/ui/state-badge'
import { StatusPill } from '@/components/ui/status-pill'
import type { ResourceView } from '@/server/monitor/contract'
import type { ServerState } from '@/server/postgres/model'

const isServerState = (state: string): state is ServerState => state in STATE_LOOKS

/** The state of a resource of any kind; a dash where its kind has none worth a word. */
export function ResourceState({ resource }: { resource: Pick<ResourceView, 'state'> }) {
  const { state } = resource
  if (!state) return '-'
  if (isServerState(state)) return <StateBadge state={state} />
  return (
    <StatusPill tone="warning" icon={<WarningRegular />}>
      {state}
    </StatusPill>
  )
}
