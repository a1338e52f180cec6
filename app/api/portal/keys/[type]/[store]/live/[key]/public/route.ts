import { answer } from '@/server/queries/answer'
import { storeRef } from '@/server/queries/key-stores'
import { readPublicKey } from '@/server/queries/keys'

export const dynamic = 'force-dynamic'
export const GET = async (
  request: Request,
  { params }: { params: Promise<{ type: string; store: string; key: string }> },
) => {
  const { type, store, key } = await params
  const version = new URL(request.url).searchParams.get('version')
  return answer((ctx) => readPublicKey(ctx, storeRef(type, store), key, version))
}
