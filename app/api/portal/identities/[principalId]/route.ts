import { answer } from '@/server/queries/answer'
import { readIdentity } from '@/server/queries/identities'

export const dynamic = 'force-dynamic'
export const GET = async (_: Request, { params }: { params: Promise<{ principalId: string }> }) => {
  const { principalId } = await params
  return answer((ctx) => readIdentity(ctx, principalId))
}
