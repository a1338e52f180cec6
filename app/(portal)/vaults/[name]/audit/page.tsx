import type { Metadata } from 'next'
import { vaultQuery } from '@/components/keyvault/keyvault-query'
import { VaultAudit } from '@/components/keyvault/vault-store-pages'
import { Seeded } from '@/components/portal/seeded'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'
import { readVault } from '@/server/queries/vaults'

type Props = { params: Promise<{ name: string }> }

const nameOf = async ({ params }: Props) => decodeURIComponent((await params).name)

export const generateMetadata = async (props: Props): Promise<Metadata> => ({
  title: `Audit log of ${await nameOf(props)}`,
})

export default async function Page(props: Props) {
  const [ctx, name] = [await portalContext(), await nameOf(props)]
  return (
    <Seeded data={await seed(vaultQuery(name).queryKey, () => readVault(ctx, name))}>
      <VaultAudit name={name} />
    </Seeded>
  )
}
