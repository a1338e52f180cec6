import type { Metadata } from 'next'
import { HsmBackups } from '@/components/keyvault/hsm-backups'
import { hsmQuery, poolBackupsQuery } from '@/components/keyvault/keyvault-query'
import { Seeded } from '@/components/portal/seeded'
import { readHsm, readPoolBackups } from '@/server/queries/hsms'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'

type Props = { params: Promise<{ name: string }> }

const nameOf = async ({ params }: Props) => decodeURIComponent((await params).name)

export const generateMetadata = async (props: Props): Promise<Metadata> => ({
  title: `Backups of ${await nameOf(props)}`,
})

export default async function Page(props: Props) {
  const [ctx, name] = [await portalContext(), await nameOf(props)]
  return (
    <Seeded
      data={[
        ...(await seed(hsmQuery(name).queryKey, () => readHsm(ctx, name))),
        ...(await seed(poolBackupsQuery(name).queryKey, () => readPoolBackups(ctx, name))),
      ]}
    >
      <HsmBackups name={name} />
    </Seeded>
  )
}
