import { answer } from '@/server/queries/answer'
import { readMetrics } from '@/server/queries/monitoring'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) =>
  answer((ctx) => readMetrics(ctx, Object.fromEntries(new URL(request.url).searchParams)))
