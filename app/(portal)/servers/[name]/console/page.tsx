import type { Metadata } from 'next'
import { Seeded } from '@/components/portal/seeded'
import { ConsolePage } from '@/components/postgres/console/console-page'
import { connectionQuery, serverQuery } from '@/components/postgres/server/server-query'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'
import { readConnection, readServer } from '@/server/queries/servers'

type Props = { params: Promise<{ name: string }> }

const nameOf = async ({ params }: Props) => decodeURIComponent((await params).name)

export const generateMetadata = async (props: Props): Promise<Metadata> => ({
  title: `SQL console of ${await nameOf(props)}`,
})

export default async function Page(props: Props) {
  const [ctx, name] = [await portalContext(), await nameOf(props)]
  const parts = await Promise.all([
    seed(serverQuery(name).queryKey, () => readServer(ctx, name)),
    seed(connectionQuery(name).queryKey, () => readConnection(ctx, name)),
  ])
  return (
    <Seeded data={parts.flat()}>
      <ConsolePage name={name} />
    </Seeded>
  )
}
