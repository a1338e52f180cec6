import type { Metadata } from 'next'
import { HsmsList } from '@/components/keyvault/hsms-list'
import { hsmsQuery } from '@/components/keyvault/keyvault-query'
import { Seeded } from '@/components/portal/seeded'
import { readHsms } from '@/server/queries/hsms'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'

export const metadata: Metadata = { title: 'Managed HSMs' }

export default async function Page() {
  const ctx = await portalContext()
  return (
    <Seeded data={await seed(hsmsQuery.queryKey, () => readHsms(ctx))}>
      <HsmsList />
    </Seeded>
  )
}
