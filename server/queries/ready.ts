import 'server-only'
import { realNowMs } from '@/server/kernel/time'
import { newestHeartbeatMs, seededTenant } from '@/server/monitor/service'
import { portalRuntime } from './runtime'

const HEARTBEAT_LIMIT_MS = 15_000

export type Readiness = { ready: boolean; missing: string[] }

/** Whether database, schema, seed and engine are all there; `missing` names in plain words what is not. */
export async function readiness(): Promise<Readiness> {
  const missing = await whatIsMissing()
  return { ready: missing.length === 0, missing }
}

async function whatIsMissing(): Promise<string[]> {
  try {
    await portalRuntime().db.$queryRaw`SELECT 1`
  } catch {
    return ['The database does not answer.']
  }
  try {
    const { db } = portalRuntime()
    const missing: string[] = []
    if (!(await seededTenant(db))) missing.push('The tenant is not seeded yet.')
    const heartbeat = await newestHeartbeatMs(db)
    if (!heartbeat) missing.push('No engine has started yet.')
    else if (realNowMs() - heartbeat > HEARTBEAT_LIMIT_MS) {
      missing.push(`No engine has been heard of for ${Math.round((realNowMs() - heartbeat) / 1000)} s.`)
    }
    return missing
  } catch {
    return ['The database is not migrated yet.']
  }
}
