import type { QueryKey } from '@tanstack/react-query'
import type { Metadata } from 'next'
import { horizonQuery, lanesQuery, tilesQuery } from '@/components/monitor/fleet/fleet-queries'
import { type FleetViewName, viewOf } from '@/components/monitor/fleet/views'
import { FleetPage } from '@/components/monitor/fleet-page'
import { fleetQuery } from '@/components/monitor/fleet-query'
import { Seeded } from '@/components/portal/seeded'
import type { Ctx } from '@/server/kernel/context'
import { readFleet, readFleetTiles, readHorizon, readSwimlanes } from '@/server/queries/fleet'
import { portalContext } from '@/server/queries/portal-context'

export const metadata: Metadata = { title: 'Fleet health' }

type Query = Record<string, string | string[] | undefined>

export default async function Page({ searchParams }: { searchParams: Promise<Query> }) {
  const query = await searchParams
  const text = (name: string): string | null => (typeof query[name] === 'string' ? query[name] || null : null)
  const data = await SEEDS[viewOf(text('view'))](await portalContext(), text)
  return (
    <Seeded data={data}>
      <FleetPage />
    </Seeded>
  )
}

type Seed = (ctx: Ctx, text: (name: string) => string | null) => Promise<[QueryKey, unknown][]>

const ofHorizon: Seed = async (ctx) => [[horizonQuery.queryKey, await readHorizon(ctx)]]

/** What the first paint of each view needs, and no more. */
const SEEDS: Record<FleetViewName, Seed> = {
  table: async (ctx) => {
    const [fleet, horizon] = await Promise.all([readFleet(ctx), readHorizon(ctx)])
    return [
      [fleetQuery.queryKey, fleet],
      [horizonQuery.queryKey, horizon],
    ]
  },
  grid: async (ctx, text) => {
    const at = text('at')
    const [tiles, horizon] = await Promise.all([readFleetTiles(ctx, at ? { at } : {}), readHorizon(ctx)])
    return [
      [tilesQuery(at).queryKey, tiles],
      [horizonQuery.queryKey, horizon],
    ]
  },
  timeline: async (ctx, text) => {
    const asked = { hours: text('hours') ?? '24', to: text('to'), server: text('server') }
    const given = Object.entries(asked).filter((e): e is [string, string] => e[1] !== null)
    return [[lanesQuery(asked).queryKey, await readSwimlanes(ctx, Object.fromEntries(given))]]
  },
  expiry: ofHorizon,
  chain: async (ctx) => [[tilesQuery(null).queryKey, await readFleetTiles(ctx, {})]],
  impact: ofHorizon,
}
