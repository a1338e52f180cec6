import { answer } from '@/server/queries/answer'
import { storeRef } from '@/server/queries/key-stores'
import { readKeys } from '@/server/queries/keys'

export const dynamic = 'force-dynamic'
export const GET = async (_: Request, { params }: { params: Promise<{ type: string; store: string }> }) => {
  const { type, store } = await params
  return answer((ctx) => readKeys(ctx, storeRef(type, store)))
}
