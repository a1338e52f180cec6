import 'server-only'
import type { Ctx } from '@/server/kernel/context'
import type { FleetView } from '@/server/monitor/contract'
import { fleetHealth } from '@/server/monitor/service'

export const readFleet = (ctx: Ctx): Promise<FleetView> => fleetHealth(ctx)
