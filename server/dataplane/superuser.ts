import pg from 'pg'
import type { Endpoint } from './model'
import { MAINTENANCE_DATABASE, SUPERUSER } from './model'

const CONNECT_TIMEOUT_MS = 10_000

/**
 * What a customer sets for all sessions, or for a database, does not bind ours: no time runs out, nothing is read only,
 * and names mean PostgreSQL's own functions.
 */
const OWN_SETTINGS = {
  search_path: 'pg_catalog',
  default_transaction_read_only: 'off',
  exit_on_error: 'off',
  statement_timeout: '0',
  transaction_timeout: '0',
  lock_timeout: '0',
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '0',
}

/** Works inside an awake cluster as the engine's superuser; by the socket, as our operating system user. */
export async function asSuperuser<T>(
  endpoint: Endpoint,
  work: (client: pg.Client) => Promise<T>,
  database = MAINTENANCE_DATABASE,
): Promise<T> {
  const client = new pg.Client({
    host: endpoint.folder,
    port: 5432,
    user: SUPERUSER,
    database,
    application_name: 'portcullis',
    options: Object.entries(OWN_SETTINGS)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}
