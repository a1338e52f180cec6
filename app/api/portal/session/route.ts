import { answer } from '@/server/queries/answer'
import { readSession } from '@/server/queries/session'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readSession)
