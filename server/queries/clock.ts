import 'server-only'
import type { ClockView } from '@/server/clock/contract'
import { readClock } from '@/server/clock/service'
import type { Permission } from '@/server/identity/contract'
import { can } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AGENDA_TITLES } from '@/server/monitor/model'
import { CLOCK_ADVANCE, CLOCK_SCOPE } from './clock-permission'

export type ClockData = { clock: ClockView; mayAdvance: Permission }

export async function readClockData(ctx: Ctx): Promise<ClockData> {
  const [clock, mayAdvance] = await Promise.all([
    readClock(ctx.db, ctx.tenantId, AGENDA_TITLES),
    can(ctx, CLOCK_ADVANCE, CLOCK_SCOPE),
  ])
  return { clock, mayAdvance }
}
