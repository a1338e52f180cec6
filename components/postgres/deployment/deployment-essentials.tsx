'use client'
import { Instant } from '@/components/portal/instant'
import { paths } from '@/components/portal/paths'
import { AppLink } from '@/components/ui/app-link'
import { Essentials } from '@/components/ui/essentials'
import type { DeploymentView } from '@/server/queries/deployments'

export function DeploymentEssentials({ deployment }: { deployment: DeploymentView }) {
  const { operation } = deployment
  return (
    <Essentials
      items={[
        { label: deployment.creates ? 'Deployment name' : 'Operation', value: operation.name, copy: operation.name },
        { label: 'Start time', value: <Instant at={operation.createdAt} seconds /> },
        { label: 'Subscription', value: deployment.subscriptionName },
        { label: 'End time', value: operation.endedAt && <Instant at={operation.endedAt} seconds /> },
        { label: 'Resource group', value: deployment.resourceGroup },
        { label: 'Correlation ID', value: operation.correlationId, copy: operation.correlationId },
        { label: 'Resource', value: deployment.resourceName },
        { label: 'Requested by', value: operation.requestedBy },
        ...(operation.retryOfId
          ? [
              {
                label: 'Repeats',
                value: <AppLink href={paths.deployment(operation.retryOfId)}>an earlier deployment</AppLink>,
              },
            ]
          : []),
      ]}
    />
  )
}
