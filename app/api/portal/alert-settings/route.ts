import { readAlertSettings } from '@/server/queries/alerts'
import { answer } from '@/server/queries/answer'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readAlertSettings)
