import 'server-only'
import type { Permission, TenantSettings } from '@/server/identity/contract'
import { can, readTenantSettings } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { SWEEP_PERIOD_MINUTES } from '@/server/postgres/model'
import { nextSweepAt } from '@/server/postgres/service'

export type SettingsPage = {
  settings: TenantSettings
  mayChange: Permission
  /** The next periodic check of the fleet, virtual; null before there is a server. */
  nextCheckAt: string | null
  periodMinutes: number
}

/** How the simulation treats this tenant, and when its keys are checked next. */
export async function readSettings(ctx: Ctx): Promise<SettingsPage> {
  const [settings, mayChange, next] = await Promise.all([
    readTenantSettings(ctx),
    can(ctx, 'Portcullis.Simulation/settings/write', '/'),
    nextSweepAt(ctx),
  ])
  return { settings, mayChange, nextCheckAt: next?.toISOString() ?? null, periodMinutes: SWEEP_PERIOD_MINUTES }
}
