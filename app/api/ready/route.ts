import { readiness } from '@/server/queries/ready'

export const dynamic = 'force-dynamic'
export async function GET() {
  const state = await readiness()
  return Response.json(state, { status: state.ready ? 200 : 503, headers: { 'cache-control': 'no-store' } })
}
