import type { Metadata } from 'next'
import { ActivityPage } from '@/components/activity/activity-page'
import { activityQuery, filterFrom } from '@/components/activity/activity-query'
import { Seeded } from '@/components/portal/seeded'
import { readActivity } from '@/server/queries/activity'
import { portalContext } from '@/server/queries/portal-context'

export const metadata: Metadata = { title: 'Activity log' }

type Search = Promise<Record<string, string | string[] | undefined>>

export default async function Page({ searchParams }: { searchParams: Search }) {
  const params = await searchParams
  const filter = filterFrom({ get: (name) => [params[name]].flat()[0] ?? null })
  const first = await readActivity(await portalContext(), filter)
  return (
    <Seeded data={[[activityQuery(filter).queryKey, { pages: [first], pageParams: [null] }]]}>
      <ActivityPage />
    </Seeded>
  )
}
