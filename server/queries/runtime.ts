import 'server-only'
import { type Config, readConfig } from '@/server/kernel/config'
import { type Custody, createCustody } from '@/server/kernel/custody'
import { createDb, type PrismaClient } from '@/server/kernel/db'
import { loadMasterKey } from '@/server/kernel/master-key'
import { startToken } from '@/server/keys/service/token'

export type Runtime = { config: Config; db: PrismaClient; custody: Custody }

// Next loads a module more than once in a process: only the global object is shared by all copies.
const shared = globalThis as typeof globalThis & {
  portcullisRuntime?: Runtime /** Opened before the first request where a vault guards it, see `portal-custody.ts`. */
  portcullisMasterKey?: Buffer
}

/**
 * Database, custody and configuration of this process, opened at first use.
 * @throws Error while the embedded database has not yet written its address.
 */
export function portalRuntime(): Runtime {
  if (!shared.portcullisRuntime) {
    const config = readConfig()
    if (!config.databaseUrl) throw new Error('There is no database yet: neither DATABASE_URL nor database.url is set.')
    startToken(config.token)
    const custody = createCustody(shared.portcullisMasterKey ?? loadMasterKey(config))
    shared.portcullisRuntime = { config, custody, db: createDb(config.databaseUrl) }
  }
  return shared.portcullisRuntime
}
