import { answer } from '@/server/queries/answer'
import { readHorizon } from '@/server/queries/fleet'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readHorizon)
