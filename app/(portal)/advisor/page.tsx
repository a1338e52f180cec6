import type { Metadata } from 'next'
import { AdvisorPage } from '@/components/monitor/advisor-page'
import { portalContext } from '@/server/queries/portal-context'

export const metadata: Metadata = { title: 'Advisor' }

export default async function Page() {
  await portalContext()
  return <AdvisorPage />
}
