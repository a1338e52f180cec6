import type { Metadata } from 'next'
import { GroupsPage } from '@/components/alerts/groups-page'
import { portalContext } from '@/server/queries/portal-context'

export const metadata: Metadata = { title: 'Action groups' }

export default async function Page() {
  await portalContext()
  return <GroupsPage />
}
