import type { Metadata } from 'next'
import { HsmKeys } from '@/components/keyvault/hsm-store-pages'
import { hsmQuery, keysQuery } from '@/components/keyvault/keyvault-query'
import { Seeded } from '@/components/portal/seeded'
import { readHsm } from '@/server/queries/hsms'
import type { StoreRef } from '@/server/queries/key-stores'
import { readKeys } from '@/server/queries/keys'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'

type Props = { params: Promise<{ name: string }> }

const nameOf = async ({ params }: Props) => decodeURIComponent((await params).name)

export const generateMetadata = async (props: Props): Promise<Metadata> => ({ title: `Keys of ${await nameOf(props)}` })

export default async function Page(props: Props) {
  const [ctx, name] = [await portalContext(), await nameOf(props)]
  const store: StoreRef = { type: 'managedhsm', name }
  return (
    <Seeded
      data={[
        ...(await seed(hsmQuery(name).queryKey, () => readHsm(ctx, name))),
        ...(await seed(keysQuery(store).queryKey, () => readKeys(ctx, store))),
      ]}
    >
      <HsmKeys name={name} />
    </Seeded>
  )
}
