import type { Metadata } from 'next'
import { Seeded } from '@/components/portal/seeded'
import { serversQuery } from '@/components/postgres/server/server-query'
import { ServersList } from '@/components/postgres/server/servers-list'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'
import { readServers } from '@/server/queries/servers'

export const metadata: Metadata = { title: 'PostgreSQL servers' }

export default async function Page() {
  const ctx = await portalContext()
  return (
    <Seeded data={await seed(serversQuery.queryKey, () => readServers(ctx))}>
      <ServersList />
    </Seeded>
  )
}
