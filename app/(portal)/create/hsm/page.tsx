import type { Metadata } from 'next'
import { CreateHsm } from '@/components/keyvault/create-hsm'
import { Seeded } from '@/components/portal/seeded'
import { createOptionsQuery } from '@/components/postgres/create/create-query'
import { readCreateOptions } from '@/server/queries/create-options'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'

export const metadata: Metadata = { title: 'Create a managed HSM' }

export default async function Page() {
  const ctx = await portalContext()
  return (
    <Seeded data={await seed(createOptionsQuery.queryKey, () => readCreateOptions(ctx))}>
      <CreateHsm />
    </Seeded>
  )
}
