import { answer } from '@/server/queries/answer'
import { readCheckAccess } from '@/server/queries/check-access'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) => {
  const { searchParams } = new URL(request.url)
  return answer((ctx) => readCheckAccess(ctx, searchParams.get('scope') ?? '/', searchParams.get('principal') ?? ''))
}
