import { answer } from '@/server/queries/answer'
import { readCreateOptions } from '@/server/queries/create-options'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readCreateOptions)
