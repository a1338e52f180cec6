import { readGauges } from '@/server/queries/gauges'

export const dynamic = 'force-dynamic'
export const GET = () => readGauges()
