import pg from 'pg'
import type { Endpoint } from './model'
import { MAINTENANCE_DATABASE, SUPERUSER } from './model'

const CONNECT_TIMEOUT_MS = 10_000

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
