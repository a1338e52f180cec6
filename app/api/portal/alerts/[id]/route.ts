import { readAlert } from '@/server/queries/alerts'
import { answer } from '@/server/queries/answer'

export const dynamic = 'force-dynamic'
type Context = { params: Promise<{ id: string }> }

export const GET = async (_request: Request, { params }: Context) => {
  const { id } = await params
  return answer((ctx) => readAlert(ctx, id))
}
