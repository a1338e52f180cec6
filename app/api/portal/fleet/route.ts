import { answer } from '@/server/queries/answer'
import { readFleet } from '@/server/queries/fleet'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readFleet)
