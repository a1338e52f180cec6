import { readCertificate } from '@/server/queries/certificate'

export const dynamic = 'force-dynamic'
export const GET = () => readCertificate()
