import { readDeliveries } from '@/server/queries/alerts'
import { answer } from '@/server/queries/answer'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) =>
  answer((ctx) => readDeliveries(ctx, Object.fromEntries(new URL(request.url).searchParams)))
