import { answer } from '@/server/queries/answer'
import { storeRef } from '@/server/queries/key-stores'
import { readAudit } from '@/server/queries/keys'

export const dynamic = 'force-dynamic'
export const GET = async (request: Request, { params }: { params: Promise<{ type: string; store: string }> }) => {
  const { type, store } = await params
  const query = Object.fromEntries(new URL(request.url).searchParams)
  return answer((ctx) => readAudit(ctx, storeRef(type, store), query))
}
