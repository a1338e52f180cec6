import 'server-only'
import { z } from 'zod'
import type { Ctx } from '@/server/kernel/context'
import type { FleetView } from '@/server/monitor/contract'
import type { FleetTilesView, HorizonView, SwimlanesView } from '@/server/monitor/contract/fleet'
import { expiryHorizon, fleetHealth, fleetTiles, swimlanes } from '@/server/monitor/service'

export const readFleet = (ctx: Ctx): Promise<FleetView> => fleetHealth(ctx)

const HOUR_MS = 3_600_000
const instant = z.coerce.number().int().positive().optional().catch(undefined)
const tilesInput = z.object({ at: instant })
const lanesInput = z.object({
  hours: z.coerce.number().positive().max(10_000).catch(24),
  to: instant,
  server: z.string().optional(),
  subscription: z.uuid().optional().catch(undefined),
})

/** The fleet as columns; `at` (milliseconds, virtual) goes back in time. */
export async function readFleetTiles(ctx: Ctx, query: Record<string, string>): Promise<FleetTilesView> {
  const { at } = tilesInput.parse(query)
  return fleetTiles(ctx, at ? new Date(at) : null)
}

/** States over the last `hours` before `to`; `server` holds names, by commas. */
export async function readSwimlanes(ctx: Ctx, query: Record<string, string>): Promise<SwimlanesView> {
  const { hours, to, server, subscription } = lanesInput.parse(query)
  const end = to ? new Date(to) : ctx.now
  const servers = server?.split(',').filter(Boolean)
  return swimlanes(ctx, {
    from: new Date(end.getTime() - hours * HOUR_MS),
    to: end,
    servers,
    subscriptionId: subscription,
  })
}

export const readHorizon = (ctx: Ctx): Promise<HorizonView> => expiryHorizon(ctx)
