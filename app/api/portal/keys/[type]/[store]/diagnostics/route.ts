import { answer } from '@/server/queries/answer'
import { readDiagnostics } from '@/server/queries/diagnostics'
import { storeRef } from '@/server/queries/key-stores'

export const dynamic = 'force-dynamic'
export const GET = async (_request: Request, { params }: { params: Promise<{ type: string; store: string }> }) => {
  const { type, store } = await params
  return answer((ctx) => readDiagnostics(ctx, storeRef(type, store)))
}
