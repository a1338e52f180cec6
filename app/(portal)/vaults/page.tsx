import type { Metadata } from 'next'
import { vaultsQuery } from '@/components/keyvault/keyvault-query'
import { VaultsList } from '@/components/keyvault/vaults-list'
import { Seeded } from '@/components/portal/seeded'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'
import { readVaults } from '@/server/queries/vaults'

export const metadata: Metadata = { title: 'Key vaults' }

export default async function Page() {
  const ctx = await portalContext()
  return (
    <Seeded data={await seed(vaultsQuery.queryKey, () => readVaults(ctx))}>
      <VaultsList />
    </Seeded>
  )
}
