import { queryOptions } from '@tanstack/react-query'
import { getJson } from '@/components/portal/api'
import type { DeploymentRow, DeploymentView } from '@/server/queries/deployments'
import { isTerminal } from '@/server/workflow/model'

const RUNNING_POLL_MS = 1_000
const POLL_MS = 30_000

export const deploymentsQuery = queryOptions({
  queryKey: ['operations', 'list'],
  queryFn: ({ signal }) => getJson<DeploymentRow[]>('deployments', signal),
  refetchInterval: (query) => (query.state.data?.some((op) => !isTerminal(op.status)) ? RUNNING_POLL_MS : POLL_MS),
})

export const deploymentQuery = (operationId: string) =>
  queryOptions({
    queryKey: ['operations', operationId],
    queryFn: ({ signal }) => getJson<DeploymentView>(`deployments/${encodeURIComponent(operationId)}`, signal),
    refetchInterval: ({ state }) =>
      state.data && !isTerminal(state.data.operation.status) ? RUNNING_POLL_MS : POLL_MS,
  })
