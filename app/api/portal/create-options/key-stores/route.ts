import { answer } from '@/server/queries/answer'
import { readKeyStores } from '@/server/queries/create-key-options'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) =>
  answer((ctx) => readKeyStores(ctx, Object.fromEntries(new URL(request.url).searchParams)))
