import { answer } from '@/server/queries/answer'
import { runConsole } from '@/server/queries/sql-console'

export const dynamic = 'force-dynamic'
type Context = { params: Promise<{ name: string }> }

/** By POST alone, and as JSON: another site's form cannot send it, and no address or log holds what was written. */
export const POST = async (request: Request, { params }: Context) => {
  const { name } = await params
  if (!request.headers.get('content-type')?.startsWith('application/json'))
    return Response.json({ code: 'BadParameter', message: 'Send JSON.' }, { status: 415 })
  const input: unknown = await request.json().catch(() => null)
  return answer((ctx) => runConsole(ctx, name, input, request.signal))
}
