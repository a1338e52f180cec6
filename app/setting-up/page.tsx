import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { SettingUp } from '@/components/portal/setting-up'
import { portalTenant } from '@/server/queries/portal-context'
import { readiness } from '@/server/queries/ready'

export const dynamic = 'force-dynamic'
export const metadata: Metadata = { title: 'Setting up' }

export default async function SettingUpPage() {
  if (await portalTenant()) redirect('/')
  return <SettingUp missing={(await readiness()).missing} />
}
