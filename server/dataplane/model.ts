/** The engine's own superuser, under the name it has in Azure. It comes by the socket and as our operating system user only. */
export const SUPERUSER = 'azuresu'
/** What administrators are members of. */
export const ADMIN_ROLE = 'azure_pg_admin'
/** Where the engine itself connects: a database that no customer can drop. */
export const MAINTENANCE_DATABASE = 'azure_maintenance'
export const SYSTEM_DATABASES: readonly string[] = [
  MAINTENANCE_DATABASE,
  'azure_sys',
  'postgres',
  'template0',
  'template1',
]

/** The major version whose programs come with this installation. */
export const ENGINE_VERSION = '18'

/** Lends a server's data encryption key for as long as `use` runs; it is zeroed when `use` ends. */
export type LendDek = <T>(use: (dek: Buffer) => Promise<T>) => Promise<T>

export type ComputeSize = {
  tier: 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized'
  vCores: number
  memoryGiB: number
}

/** What a cluster is, seen from outside: no key is needed to know it. */
export type ClusterStatus = { state: 'None' } | { state: 'Asleep' } | { state: 'Awake'; pid: number; sinceMs: number }

/** Where a cluster that is awake takes connections. */
export type Endpoint = { folder: string; path: string }

/** Whether this installation can run databases, and in words for people why not. */
export type Availability = { available: true } | { available: false; reason: string }

/** The socket file of PostgreSQL in a folder. */
export const SOCKET_NAME = '.s.PGSQL.5432'
