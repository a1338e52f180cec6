import type { Metadata } from 'next'
import { fleetQuery } from '@/components/monitor/fleet-query'
import { HomePage } from '@/components/portal/home-page'
import { Seeded } from '@/components/portal/seeded'
import { resourcesQuery } from '@/components/portal/shell-query'
import { readFleet } from '@/server/queries/fleet'
import { portalContext } from '@/server/queries/portal-context'
import { listResources } from '@/server/queries/resources'

export const metadata: Metadata = { title: 'Home' }

export default async function Page() {
  const ctx = await portalContext()
  const [fleet, resources] = await Promise.all([readFleet(ctx), listResources(ctx)])
  return (
    <Seeded
      data={[
        [fleetQuery.queryKey, fleet],
        [resourcesQuery.queryKey, resources],
      ]}
    >
      <HomePage />
    </Seeded>
  )
}
