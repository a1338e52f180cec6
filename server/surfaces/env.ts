import type { Caller } from '@/server/kernel/context'
import type { Custody } from '@/server/kernel/custody'
import type { PrismaClient } from '@/server/kernel/db'
import type { ServerDeps } from '@/server/postgres/service'

/** What every surface is handed with a request. Each is a function `(request, env) => Promise<Response>`. */
export type SurfaceEnv = {
  db: PrismaClient
  custody: Custody
  /** Port that identifiers and links name. */
  httpsPort: number
  caller: Caller
  /** By which servers reach their keys; a host that serves no servers has none. */
  keyAccess?: ServerDeps['keyAccess']
  /** Runs their databases; only in an engine that can. */
  dataPlane?: ServerDeps['dataPlane']
}
