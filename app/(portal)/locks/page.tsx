import type { Metadata } from 'next'
import { locksQuery } from '@/components/identity/identity-query'
import { LocksPage } from '@/components/identity/locks-page'
import { Seeded } from '@/components/portal/seeded'
import { readLocks } from '@/server/queries/locks'
import { portalContext } from '@/server/queries/portal-context'
import { seed } from '@/server/queries/seed'

export const metadata: Metadata = { title: 'Locks' }

type Search = Promise<Record<string, string | string[] | undefined>>

export default async function Page({ searchParams }: { searchParams: Search }) {
  const [ctx, params] = [await portalContext(), await searchParams]
  const scope = [params.scope].flat()[0] || '/'
  return (
    <Seeded data={await seed(locksQuery(scope).queryKey, () => readLocks(ctx, scope))}>
      <LocksPage key={scope} scope={scope} />
    </Seeded>
  )
}
