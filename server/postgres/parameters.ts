import type { SettingRow } from '@/server/dataplane/service'
import type { ParameterView } from './contract'

const PINNED = 'The service pins it: what is written stays sealed and kept, and the server stays behind its gateway.'
const OUTSIDE = 'It names files, programs or libraries outside the database: a server here uses none.'
const DEVELOPERS = 'It is for developers of PostgreSQL itself.'
const SERVICE = 'The service keeps it for its own access to the server.'

/** Why whole categories are the service's own. */
const CATEGORIES: [start: string, reason: string][] = [
  ['Developer Options', DEVELOPERS],
  ['Connections and Authentication / SSL', 'TLS ends at the gateway, which has a certificate of its own.'],
  ['Replication / Standby Servers', 'There are no standby servers here.'],
  ['Replication / Primary Server', 'There are no standby servers here.'],
  ['Write-Ahead Log / Archiv', 'Backups are the service’s own.'],
  ['Write-Ahead Log / Recovery', 'Recovery is the service’s own.'],
  ['Client Connection Defaults / Shared Library Preloading', OUTSIDE],
  ['File Locations', OUTSIDE],
]

const each = (reason: string, ...names: string[]) => Object.fromEntries(names.map((name) => [name, reason]))

const NAMES: Record<string, string> = {
  ...each(OUTSIDE, 'dynamic_library_path', 'extension_control_path', 'oauth_validator_libraries', 'krb_server_keyfile'),
  ...each(OUTSIDE, 'bonjour', 'bonjour_name', 'event_source', 'syslog_facility', 'syslog_ident', 'unix_socket_group'),
  ...each(OUTSIDE, 'temp_tablespaces', 'default_tablespace'),
  ...each(PINNED, 'log_file_mode', 'file_copy_method', 'recovery_init_sync_method', 'data_sync_retry'),
  ...each(PINNED, 'huge_page_size', 'min_dynamic_shared_memory'),
  ...each(SERVICE, 'superuser_reserved_connections', 'reserved_connections', 'allow_alter_system', 'exit_on_error'),
  ...each('Each transaction has its own.', 'transaction_isolation', 'transaction_read_only', 'transaction_deferrable'),
  ...each('Each client says its own when it connects.', 'client_encoding', 'application_name'),
  // They exclude each other, and a server whose files name two that do does not start.
  ...each(DEVELOPERS, 'log_parser_stats', 'log_planner_stats', 'log_executor_stats', 'log_statement_stats'),
}

function readOnlyReason({ name, category, context, pinned }: SettingRow): string | null {
  if (context === 'internal') return 'PostgreSQL fixes it when it is built or the server is made.'
  if (pinned) return PINNED
  return NAMES[name] ?? CATEGORIES.find(([start]) => category.startsWith(start))?.[1] ?? null
}

/**
 * Ranges narrower than PostgreSQL's: within them every server starts, whatever else was set, and still can be backed up.
 * SIMULATED: Azure's are wider and go by the compute size; here all servers share the memory of one machine.
 */
const RANGES: Record<string, { min?: string; max?: string }> = {
  max_connections: { min: '25', max: '1000' },
  shared_buffers: { min: '128', max: '65536' },
  max_wal_size: { min: '32' },
  min_wal_size: { min: '32' },
  wal_buffers: { max: '8192' },
  // The machine's own limit of a stack, beyond which no server starts, is seldom below 8 MiB.
  max_stack_depth: { max: '4096' },
  max_prepared_transactions: { max: '500' },
  max_locks_per_transaction: { max: '256' },
  max_pred_locks_per_transaction: { max: '256' },
  max_worker_processes: { max: '64' },
  max_logical_replication_workers: { max: '64' },
  autovacuum_worker_slots: { max: '64' },
  max_wal_senders: { max: '100' },
  max_replication_slots: { max: '100' },
  max_active_replication_origins: { max: '100' },
  io_max_concurrency: { max: '64' },
  track_activity_query_size: { max: '102400' },
  ...Object.fromEntries(
    [
      'commit_timestamp',
      'multixact_member',
      'multixact_offset',
      'notify',
      'serializable',
      'subtransaction',
      'transaction',
    ].map((cache) => [`${cache}_buffers`, { max: '1024' }]),
  ),
}

/** `minimal` leaves too little behind for backups of a running server, `panic` hides why one did not start. */
const WITHOUT: Record<string, string> = { wal_level: 'minimal', log_min_messages: 'panic' }

const TYPES = {
  bool: 'Boolean',
  enum: 'Enumeration',
  integer: 'Integer',
  real: 'Numeric',
  string: 'String',
} as const satisfies Record<SettingRow['vartype'], ParameterView['type']>

/** A setting as the service offers it. */
export const parameterView = (row: SettingRow): ParameterView => ({
  name: row.name,
  value: row.value,
  unit: row.unit,
  defaultValue: row.defaultValue,
  type: TYPES[row.vartype],
  choices: row.enumVals?.filter((value) => value !== WITHOUT[row.name]) ?? null,
  range: row.minVal === null || row.maxVal === null ? null : { min: row.minVal, max: row.maxVal, ...RANGES[row.name] },
  description: row.description,
  category: row.category,
  dynamic: row.context !== 'postmaster' && row.context !== 'internal',
  readOnlyReason: readOnlyReason(row),
  pendingRestart: row.pendingRestart,
  source: row.modified ? 'user-override' : 'system-default',
})
