import type { Metadata } from 'next'
import { CreateKey } from '@/components/keyvault/create-key'
import { keysQuery } from '@/components/keyvault/keyvault-query'
import { Seeded } from '@/components/portal/seeded'
import type { StoreRef } from '@/server/queries/key-stores'
import { readKeys } from '@/server/queries/keys'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'

export const metadata: Metadata = { title: 'Create a key' }

export default async function Page({ params }: { params: Promise<{ name: string }> }) {
  const [ctx, name] = [await portalContext(), decodeURIComponent((await params).name)]
  const store: StoreRef = { type: 'managedhsm', name }
  return (
    <Seeded data={[...(await seed(keysQuery(store).queryKey, () => readKeys(ctx, store)))]}>
      <CreateKey store={store} />
    </Seeded>
  )
}
