import { answer } from '@/server/queries/answer'
import { listResources } from '@/server/queries/resources'

export const dynamic = 'force-dynamic'
export const GET = () => answer(listResources)
