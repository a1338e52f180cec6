import { answer } from '@/server/queries/answer'
import { readPoolBackups } from '@/server/queries/hsms'

export const dynamic = 'force-dynamic'
export const GET = async (_: Request, { params }: { params: Promise<{ name: string }> }) => {
  const { name } = await params
  return answer((ctx) => readPoolBackups(ctx, name))
}
