import type { Metadata } from 'next'
import { SilencesPage } from '@/components/alerts/silences-page'
import { portalContext } from '@/server/queries/portal-context'

export const metadata: Metadata = { title: 'Suppression rules' }

export default async function Page() {
  await portalContext()
  return <SilencesPage />
}
