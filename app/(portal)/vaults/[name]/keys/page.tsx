import type { Metadata } from 'next'
import { keysQuery, vaultQuery } from '@/components/keyvault/keyvault-query'
import { VaultKeys } from '@/components/keyvault/vault-store-pages'
import { Seeded } from '@/components/portal/seeded'
import type { StoreRef } from '@/server/queries/key-stores'
import { readKeys } from '@/server/queries/keys'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'
import { readVault } from '@/server/queries/vaults'

type Props = { params: Promise<{ name: string }> }

const nameOf = async ({ params }: Props) => decodeURIComponent((await params).name)

export const generateMetadata = async (props: Props): Promise<Metadata> => ({ title: `Keys of ${await nameOf(props)}` })

export default async function Page(props: Props) {
  const [ctx, name] = [await portalContext(), await nameOf(props)]
  const store: StoreRef = { type: 'vault', name }
  return (
    <Seeded
      data={[
        ...(await seed(vaultQuery(name).queryKey, () => readVault(ctx, name))),
        ...(await seed(keysQuery(store).queryKey, () => readKeys(ctx, store))),
      ]}
    >
      <VaultKeys name={name} />
    </Seeded>
  )
}
