import { answer } from '@/server/queries/answer'
import { readDeployment } from '@/server/queries/deployments'

export const dynamic = 'force-dynamic'
export async function GET(_request: Request, { params }: { params: Promise<{ operationId: string }> }) {
  const { operationId } = await params
  return answer((ctx) => readDeployment(ctx, operationId))
}
