import type { Metadata } from 'next'
import { keyQuery, vaultQuery } from '@/components/keyvault/keyvault-query'
import { VaultKey } from '@/components/keyvault/vault-store-pages'
import { Seeded } from '@/components/portal/seeded'
import type { StoreRef } from '@/server/queries/key-stores'
import { readKey } from '@/server/queries/keys'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'
import { readVault } from '@/server/queries/vaults'

type Props = { params: Promise<{ name: string; key: string }> }

async function namesOf({ params }: Props) {
  const { name, key } = await params
  return { name: decodeURIComponent(name), key: decodeURIComponent(key) }
}

export const generateMetadata = async (props: Props): Promise<Metadata> => ({ title: (await namesOf(props)).key })

export default async function Page(props: Props) {
  const [ctx, { name, key }] = [await portalContext(), await namesOf(props)]
  const store: StoreRef = { type: 'vault', name }
  return (
    <Seeded
      data={[
        ...(await seed(vaultQuery(name).queryKey, () => readVault(ctx, name))),
        ...(await seed(keyQuery(store, key).queryKey, () => readKey(ctx, store, key))),
      ]}
    >
      <VaultKey name={name} keyName={key} />
    </Seeded>
  )
}
