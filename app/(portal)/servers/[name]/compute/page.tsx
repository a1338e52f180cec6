import type { Metadata } from 'next'
import { Seeded } from '@/components/portal/seeded'
import { ScalePage } from '@/components/postgres/scale/scale-page'
import { serverQuery } from '@/components/postgres/server/server-query'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'
import { readServer } from '@/server/queries/servers'

type Props = { params: Promise<{ name: string }> }

const nameOf = async ({ params }: Props) => decodeURIComponent((await params).name)

export const generateMetadata = async (props: Props): Promise<Metadata> => ({
  title: `Compute + storage of ${await nameOf(props)}`,
})

export default async function Page(props: Props) {
  const [ctx, name] = [await portalContext(), await nameOf(props)]
  return (
    <Seeded data={await seed(serverQuery(name).queryKey, () => readServer(ctx, name))}>
      <ScalePage name={name} />
    </Seeded>
  )
}
