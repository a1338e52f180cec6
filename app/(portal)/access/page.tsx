import type { Metadata } from 'next'
import { AccessControl } from '@/components/identity/access-control'
import { accessQuery } from '@/components/identity/identity-query'
import { Seeded } from '@/components/portal/seeded'
import { readAccess } from '@/server/queries/access'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'

export const metadata: Metadata = { title: 'Access control (IAM)' }

type Search = Promise<Record<string, string | string[] | undefined>>

export default async function Page({ searchParams }: { searchParams: Search }) {
  const [ctx, params] = [await portalContext(), await searchParams]
  const scope = [params.scope].flat()[0] || '/'
  return (
    <Seeded data={await seed(accessQuery(scope).queryKey, () => readAccess(ctx, scope))}>
      <AccessControl key={scope} scope={scope} />
    </Seeded>
  )
}
