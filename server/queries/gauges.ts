import 'server-only'
import { fleetGauges } from '@/server/monitor/service'
import { portalRuntime } from './runtime'

/** The fleet for Prometheus; 503 while the database does not answer. */
export async function readGauges(): Promise<Response> {
  try {
    const { body, contentType } = await fleetGauges(portalRuntime().db)
    return new Response(body, { headers: { 'content-type': contentType, 'cache-control': 'no-store' } })
  } catch {
    return new Response('The database does not answer.\n', { status: 503 })
  }
}
