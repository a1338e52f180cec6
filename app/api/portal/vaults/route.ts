import { answer } from '@/server/queries/answer'
import { readVaults } from '@/server/queries/vaults'

export const dynamic = 'force-dynamic'
export const GET = () => answer(readVaults)
