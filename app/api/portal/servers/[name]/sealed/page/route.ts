import { answer } from '@/server/queries/answer'
import { readPageOf } from '@/server/queries/sealed'

export const dynamic = 'force-dynamic'
type Context = { params: Promise<{ name: string }> }

export const GET = async (request: Request, { params }: Context) => {
  const { name } = await params
  return answer((ctx) => readPageOf(ctx, name, new URL(request.url).searchParams))
}
