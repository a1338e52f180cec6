import type { Metadata } from 'next'
import { FleetPage } from '@/components/monitor/fleet-page'
import { fleetQuery } from '@/components/monitor/fleet-query'
import { Seeded } from '@/components/portal/seeded'
import { readFleet } from '@/server/queries/fleet'
import { portalContext } from '@/server/queries/portal-context'

export const metadata: Metadata = { title: 'Fleet health' }

export default async function Page() {
  const fleet = await readFleet(await portalContext())
  return (
    <Seeded data={[[fleetQuery.queryKey, fleet]]}>
      <FleetPage />
    </Seeded>
  )
}
