import type { Metadata } from 'next'
import { hsmQuery, localRolesQuery } from '@/components/keyvault/keyvault-query'
import { LocalRoles } from '@/components/keyvault/local-roles'
import { Seeded } from '@/components/portal/seeded'
import { readHsm, readLocalRoles } from '@/server/queries/hsms'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'

type Props = { params: Promise<{ name: string }> }

const nameOf = async ({ params }: Props) => decodeURIComponent((await params).name)

export const generateMetadata = async (props: Props): Promise<Metadata> => ({
  title: `Local RBAC of ${await nameOf(props)}`,
})

export default async function Page(props: Props) {
  const [ctx, name] = [await portalContext(), await nameOf(props)]
  return (
    <Seeded
      data={[
        ...(await seed(hsmQuery(name).queryKey, () => readHsm(ctx, name))),
        ...(await seed(localRolesQuery(name).queryKey, () => readLocalRoles(ctx, name))),
      ]}
    >
      <LocalRoles name={name} />
    </Seeded>
  )
}
