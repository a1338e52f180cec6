import { answer } from '@/server/queries/answer'
import { readServers } from '@/server/queries/servers'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readServers)
