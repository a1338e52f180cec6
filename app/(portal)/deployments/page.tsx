import type { Metadata } from 'next'
import { Seeded } from '@/components/portal/seeded'
import { deploymentsQuery } from '@/components/postgres/deployment/deployment-query'
import { DeploymentsList } from '@/components/postgres/deployment/deployments-list'
import { readDeployments } from '@/server/queries/deployments'
import { portalContext } from '@/server/queries/portal-context'

export const metadata: Metadata = { title: 'Deployments' }

export default async function Page() {
  return (
    <Seeded data={[[deploymentsQuery.queryKey, await readDeployments(await portalContext())]]}>
      <DeploymentsList />
    </Seeded>
  )
}
