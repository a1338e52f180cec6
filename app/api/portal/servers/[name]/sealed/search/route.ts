import { answer } from '@/server/queries/answer'
import { searchRawFiles } from '@/server/queries/sealed'

export const dynamic = 'force-dynamic'
type Context = { params: Promise<{ name: string }> }

/** By POST, so that the word is in no address and no log. */
export const POST = async (request: Request, { params }: Context) => {
  const { name } = await params
  const input: unknown = await request.json().catch(() => null)
  return answer((ctx) => searchRawFiles(ctx, name, input))
}
