import { answer } from '@/server/queries/answer'
import { readLocks } from '@/server/queries/locks'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) =>
  answer((ctx) => readLocks(ctx, new URL(request.url).searchParams.get('scope') ?? '/'))
