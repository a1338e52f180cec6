import { answer } from '@/server/queries/answer'
import { readVault } from '@/server/queries/vaults'

export const dynamic = 'force-dynamic'
export const GET = async (_: Request, { params }: { params: Promise<{ name: string }> }) => {
  const { name } = await params
  return answer((ctx) => readVault(ctx, name))
}
