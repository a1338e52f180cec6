import { answer } from '@/server/queries/answer'
import { readParameters } from '@/server/queries/servers'

export const dynamic = 'force-dynamic'
type Context = { params: Promise<{ name: string }> }

export const GET = async (_request: Request, { params }: Context) => {
  const { name } = await params
  return answer((ctx) => readParameters(ctx, name))
}
