import type { Metadata } from 'next'
import { vaultQuery } from '@/components/keyvault/keyvault-query'
import { VaultMetrics } from '@/components/keyvault/vault-metrics'
import { Seeded } from '@/components/portal/seeded'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'
import { readVault } from '@/server/queries/vaults'

type Props = { params: Promise<{ name: string }> }

const nameOf = async ({ params }: Props) => decodeURIComponent((await params).name)

export const generateMetadata = async (props: Props): Promise<Metadata> => ({
  title: `Metrics of ${await nameOf(props)}`,
})

export default async function Page(props: Props) {
  const [ctx, name] = [await portalContext(), await nameOf(props)]
  return (
    <Seeded data={await seed(vaultQuery(name).queryKey, () => readVault(ctx, name))}>
      <VaultMetrics name={name} />
    </Seeded>
  )
}
