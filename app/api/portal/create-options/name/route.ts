import { answer } from '@/server/queries/answer'
import { readNameCheck } from '@/server/queries/create-options'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) =>
  answer((ctx) => readNameCheck(ctx, new URL(request.url).searchParams.get('name') ?? ''))
