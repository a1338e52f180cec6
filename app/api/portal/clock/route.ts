import { answer } from '@/server/queries/answer'
import { readClockData } from '@/server/queries/clock'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readClockData)
