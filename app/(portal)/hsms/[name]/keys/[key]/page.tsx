import type { Metadata } from 'next'
import { HsmKey } from '@/components/keyvault/hsm-store-pages'
import { hsmQuery, keyQuery } from '@/components/keyvault/keyvault-query'
import { Seeded } from '@/components/portal/seeded'
import { readHsm } from '@/server/queries/hsms'
import type { StoreRef } from '@/server/queries/key-stores'
import { readKey } from '@/server/queries/keys'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'

type Props = { params: Promise<{ name: string; key: string }> }

async function namesOf({ params }: Props) {
  const { name, key } = await params
  return { name: decodeURIComponent(name), key: decodeURIComponent(key) }
}

export const generateMetadata = async (props: Props): Promise<Metadata> => ({ title: (await namesOf(props)).key })

export default async function Page(props: Props) {
  const [ctx, { name, key }] = [await portalContext(), await namesOf(props)]
  const store: StoreRef = { type: 'managedhsm', name }
  return (
    <Seeded
      data={[
        ...(await seed(hsmQuery(name).queryKey, () => readHsm(ctx, name))),
        ...(await seed(keyQuery(store, key).queryKey, () => readKey(ctx, store, key))),
      ]}
    >
      <HsmKey name={name} keyName={key} />
    </Seeded>
  )
}
