import type { Metadata } from 'next'
import { RulesPage } from '@/components/alerts/rules-page'
import { portalContext } from '@/server/queries/portal-context'

export const metadata: Metadata = { title: 'Alert rules' }

export default async function Page() {
  await portalContext()
  return <RulesPage />
}
