import { answer } from '@/server/queries/answer'
import { storeRef } from '@/server/queries/key-stores'
import { readKey } from '@/server/queries/keys'

export const dynamic = 'force-dynamic'
export const GET = async (
  _: Request,
  { params }: { params: Promise<{ type: string; store: string; key: string }> },
) => {
  const { type, store, key } = await params
  return answer((ctx) => readKey(ctx, storeRef(type, store), key))
}
