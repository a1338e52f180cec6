import { readActivity } from '@/server/queries/activity'
import { answer } from '@/server/queries/answer'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) =>
  answer((ctx) => readActivity(ctx, Object.fromEntries(new URL(request.url).searchParams)))
