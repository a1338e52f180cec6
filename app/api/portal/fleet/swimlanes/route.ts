import { answer } from '@/server/queries/answer'
import { readSwimlanes } from '@/server/queries/fleet'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) =>
  answer((ctx) => readSwimlanes(ctx, Object.fromEntries(new URL(request.url).searchParams)))
