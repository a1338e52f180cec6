import { readAdvisor } from '@/server/queries/advisor'
import { answer } from '@/server/queries/answer'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readAdvisor)
