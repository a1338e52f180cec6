import { answer } from '@/server/queries/answer'
import { readImpact } from '@/server/queries/impact'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) =>
  answer((ctx) => readImpact(ctx, Object.fromEntries(new URL(request.url).searchParams)))
