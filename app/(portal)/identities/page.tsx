import type { Metadata } from 'next'
import { IdentitiesList } from '@/components/identity/identities-list'
import { identitiesQuery } from '@/components/identity/identity-query'
import { Seeded } from '@/components/portal/seeded'
import { readIdentities } from '@/server/queries/identities'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'

export const metadata: Metadata = { title: 'Managed identities' }

export default async function Page() {
  const ctx = await portalContext()
  return (
    <Seeded data={await seed(identitiesQuery.queryKey, () => readIdentities(ctx))}>
      <IdentitiesList />
    </Seeded>
  )
}
