import { liveEvents } from '@/server/queries/events'

export const dynamic = 'force-dynamic'
export const GET = (request: Request) => liveEvents(request)
