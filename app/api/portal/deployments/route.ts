import { answer } from '@/server/queries/answer'
import { readDeployments } from '@/server/queries/deployments'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readDeployments)
