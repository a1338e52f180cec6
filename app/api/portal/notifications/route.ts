import { answer } from '@/server/queries/answer'
import { readNotifications } from '@/server/queries/notifications'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readNotifications)
