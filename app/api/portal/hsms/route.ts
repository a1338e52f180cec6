import { answer } from '@/server/queries/answer'
import { readHsms } from '@/server/queries/hsms'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readHsms)
