import { answer } from '@/server/queries/answer'
import { readStoreKeys } from '@/server/queries/create-key-options'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) =>
  answer((ctx) => readStoreKeys(ctx, new URL(request.url).searchParams.get('storeId') ?? ''))
