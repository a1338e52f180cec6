import { answer } from '@/server/queries/answer'
import { readFleetTiles } from '@/server/queries/fleet'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) =>
  answer((ctx) => readFleetTiles(ctx, Object.fromEntries(new URL(request.url).searchParams)))
