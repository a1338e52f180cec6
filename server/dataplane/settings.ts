import { type ComputeSize, SUPERUSER } from './model'

/**
 * Settings that no customer can change: they are given on the command line, above every file. They keep all that is
 * written under the sealing library (no asynchronous reads in other ways than libc's, no other programs, no memory in
 * files), keep what is acknowledged, and keep the server behind the gateway.
 */
export const PINNED = {
  listen_addresses: '',
  port: '5432',
  unix_socket_permissions: '0700',
  fsync: 'on',
  full_page_writes: 'on',
  wal_sync_method: 'fdatasync',
  archive_mode: 'off',
  dynamic_shared_memory_type: 'posix',
  shared_memory_type: 'mmap',
  huge_pages: 'off',
  logging_collector: 'on',
  log_destination: 'stderr',
  log_directory: 'log',
  log_filename: 'postgresql-%a.log',
  log_truncate_on_rotation: 'on',
  log_rotation_age: '1d',
  log_rotation_size: '10MB',
  ssl: 'off',
  password_encryption: 'scram-sha-256',
  shared_preload_libraries: '',
  ignore_checksum_failure: 'off',
  zero_damaged_pages: 'off',
  restart_after_crash: 'on',
} as const satisfies Record<string, string>

/** Azure's `max_connections` by memory of the compute size; capped, since here all servers share one machine. */
function maxConnections({ memoryGiB }: ComputeSize): number {
  if (memoryGiB <= 2) return 50
  if (memoryGiB <= 4) return 429
  return 859
}

/** In pages of 8 KiB: 16, 32 and 64 MiB. */
const SHARED_BUFFERS = { Burstable: '2048', GeneralPurpose: '4096', MemoryOptimized: '8192' } as const

/** Defaults of a compute size, numbers in the parameter's own unit; what a customer sets stands above them. */
export const defaultsFor = (size: ComputeSize): Record<string, string> => ({
  max_connections: String(maxConnections(size)),
  shared_buffers: SHARED_BUFFERS[size.tier],
  max_wal_size: '512',
  min_wal_size: '32',
  log_timezone: 'UTC',
  timezone: 'UTC',
  datestyle: 'ISO, MDY',
  lc_messages: 'C',
  lc_monetary: 'C',
  lc_numeric: 'C',
  lc_time: 'C',
  default_text_search_config: 'pg_catalog.english',
  log_line_prefix: '%t-%c-',
  max_worker_processes: '8',
  autovacuum_max_workers: '3',
})

export const configText = (settings: Record<string, string>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join('')

/** Clients prove themselves by SCRAM through the gateway; the superuser is our own operating system user and nobody else. */
export const HBA_TEXT = `local all ${SUPERUSER} peer map=engine
local replication all reject
local all all scram-sha-256
`

export const identText = (systemUser: string): string => `engine ${systemUser} ${SUPERUSER}\n`
