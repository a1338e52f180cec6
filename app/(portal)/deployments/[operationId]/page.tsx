import type { Metadata } from 'next'
import { Seeded } from '@/components/portal/seeded'
import { DeploymentPage } from '@/components/postgres/deployment/deployment-page'
import { deploymentQuery } from '@/components/postgres/deployment/deployment-query'
import { readDeployment } from '@/server/queries/deployments'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'

export const metadata: Metadata = { title: 'Deployment' }

export default async function Page({ params }: { params: Promise<{ operationId: string }> }) {
  const { operationId } = await params
  const ctx = await portalContext()
  return (
    <Seeded data={await seed(deploymentQuery(operationId).queryKey, () => readDeployment(ctx, operationId))}>
      <DeploymentPage operationId={operationId} />
    </Seeded>
  )
}
