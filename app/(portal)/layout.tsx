import type { ReactNode } from 'react'
import { Seeded } from '@/components/portal/seeded'
import { Shell } from '@/components/portal/shell'
import { clockQuery, notificationsQuery, sessionQuery } from '@/components/portal/shell-query'
import { readClockData } from '@/server/queries/clock'
import { readNotifications } from '@/server/queries/notifications'
import { portalContext } from '@/server/queries/portal-context'
import { readSession } from '@/server/queries/session'

export const dynamic = 'force-dynamic'

export default async function PortalLayout({ children }: { children: ReactNode }) {
  const ctx = await portalContext()
  const [session, clock, notifications] = await Promise.all([
    readSession(ctx),
    readClockData(ctx),
    readNotifications(ctx),
  ])
  return (
    <Seeded
      data={[
        [sessionQuery.queryKey, session],
        [clockQuery.queryKey, clock],
        [notificationsQuery.queryKey, notifications],
      ]}
    >
      <Shell>{children}</Shell>
    </Seeded>
  )
}
