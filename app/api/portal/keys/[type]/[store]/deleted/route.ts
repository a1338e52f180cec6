import { answer } from '@/server/queries/answer'
import { storeRef } from '@/server/queries/key-stores'
import { readDeletedKeys } from '@/server/queries/keys'

export const dynamic = 'force-dynamic'
export const GET = async (_: Request, { params }: { params: Promise<{ type: string; store: string }> }) => {
  const { type, store } = await params
  return answer((ctx) => readDeletedKeys(ctx, storeRef(type, store)))
}
