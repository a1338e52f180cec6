import { answer } from '@/server/queries/answer'
import { readSettings } from '@/server/queries/settings'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readSettings)
