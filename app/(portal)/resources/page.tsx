import type { Metadata } from 'next'
import { ResourcesPage } from '@/components/portal/resources-page'
import { Seeded } from '@/components/portal/seeded'
import { resourcesQuery } from '@/components/portal/shell-query'
import { portalContext } from '@/server/queries/portal-context'
import { listResources } from '@/server/queries/resources'

export const metadata: Metadata = { title: 'All resources' }

export default async function Page() {
  const resources = await listResources(await portalContext())
  return (
    <Seeded data={[[resourcesQuery.queryKey, resources]]}>
      <ResourcesPage />
    </Seeded>
  )
}
