import 'server-only'
import type { ClockView } from '@/server/clock/contract'
import type { AgendaKind } from '@/server/clock/model'
import { readClock } from '@/server/clock/service'
import type { Permission } from '@/server/identity/contract'
import { can } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { CLOCK_ADVANCE, CLOCK_SCOPE } from './clock-permission'

const TITLES: Record<AgendaKind, string> = {
  'key-access-sweep': 'Key access check',
  'key-rotation': 'Key rotation',
  'purge-key': 'Purge of a deleted key',
  'purge-vault': 'Purge of a deleted vault',
  'purge-managed-hsm': 'Purge of a deleted managed HSM',
  'resume-operation': 'Next step of an operation',
}

export type ClockData = { clock: ClockView; mayAdvance: Permission }

export async function readClockData(ctx: Ctx): Promise<ClockData> {
  const [clock, mayAdvance] = await Promise.all([
    readClock(ctx.db, ctx.tenantId, TITLES),
    can(ctx, CLOCK_ADVANCE, CLOCK_SCOPE),
  ])
  return { clock, mayAdvance }
}
