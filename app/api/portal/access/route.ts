import { readAccess } from '@/server/queries/access'
import { answer } from '@/server/queries/answer'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) =>
  answer((ctx) => readAccess(ctx, new URL(request.url).searchParams.get('scope') ?? '/'))
