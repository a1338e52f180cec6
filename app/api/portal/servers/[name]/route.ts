import { answer } from '@/server/queries/answer'
import { readServer } from '@/server/queries/servers'

export const dynamic = 'force-dynamic'
export const GET = async (_: Request, { params }: { params: Promise<{ name: string }> }) => {
  const { name } = await params
  return answer((ctx) => readServer(ctx, name))
}
