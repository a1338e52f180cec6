import { answer } from '@/server/queries/answer'
import { readIdentities } from '@/server/queries/identities'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readIdentities)
