import { answerLines } from '@/server/queries/answer'
import { storeRef } from '@/server/queries/key-stores'
import { exportAuditOf } from '@/server/queries/keys'

export const dynamic = 'force-dynamic'
export const GET = async (request: Request, { params }: { params: Promise<{ type: string; store: string }> }) => {
  const { type, store } = await params
  const query = Object.fromEntries(new URL(request.url).searchParams)
  const fileName = `${store.replace(/[^0-9A-Za-z-]/g, '')}-audit.jsonl`
  return answerLines(fileName, (ctx) => exportAuditOf(ctx, storeRef(type, store), query))
}
