'use client'
import { MessageBar, MessageBarBody, MessageBarTitle, ProgressBar } from '@fluentui/react-components'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import type { OperationView } from '@/server/workflow/contract'

/** The operation that works on the server now: its step, how far it is, and where to follow it. */
export function OperationBanner({ operation }: { operation: OperationView }) {
  const done = operation.steps.filter((s) => s.status === 'Succeeded').length
  const current = operation.steps.find((s) => s.status === 'Running' || s.status === 'Waiting')
  return (
    <MessageBar intent="info" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{operation.name}</MessageBarTitle> {current ? current.title : operation.status} ({done} of{' '}
        {operation.steps.length} steps done).{' '}
        <AppLink inline href={paths.deployment(operation.id)}>
          Follow it
        </AppLink>
        <ProgressBar
          aria-label={`Progress of ${operation.name}`}
          value={operation.steps.length ? done / operation.steps.length : undefined}
        />
      </MessageBarBody>
    </MessageBar>
  )
}
