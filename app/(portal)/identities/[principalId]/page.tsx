import type { Metadata } from 'next'
import { IdentityDetail } from '@/components/identity/identity-detail'
import { identityQuery } from '@/components/identity/identity-query'
import { Seeded } from '@/components/portal/seeded'
import { readIdentity } from '@/server/queries/identities'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'

export const metadata: Metadata = { title: 'Managed identity' }

export default async function Page({ params }: { params: Promise<{ principalId: string }> }) {
  const [ctx, { principalId }] = [await portalContext(), await params]
  return (
    <Seeded data={await seed(identityQuery(principalId).queryKey, () => readIdentity(ctx, principalId))}>
      <IdentityDetail principalId={principalId} />
    </Seeded>
  )
}
