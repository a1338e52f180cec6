import type { Metadata } from 'next'
import { AlertsPage } from '@/components/alerts/alerts-page'
import { portalContext } from '@/server/queries/portal-context'

export const metadata: Metadata = { title: 'Alerts' }

export default async function Page() {
  await portalContext()
  return <AlertsPage />
}
