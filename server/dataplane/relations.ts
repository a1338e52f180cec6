import type pg from 'pg'

/** Databases that can be connected to, by name. */
export async function listDatabaseNames(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query(
    'SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1',
  )
  return rows.map((row) => row.datname as string)
}

export type TableRow = { name: string; file: string; sizeBytes: number; system: boolean }

/** Tables of the client's database that have a page, with their files; the customer's first. */
export async function listTables(client: pg.Client): Promise<TableRow[]> {
  const { rows } = await client.query(
    `SELECT nspname || '.' || relname AS name, pg_relation_filepath(c.oid) AS file, pg_relation_size(c.oid)::float8 AS "sizeBytes",
       nspname IN ('pg_catalog', 'information_schema') AS system
     FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
     WHERE relkind IN ('r', 'm') AND relpersistence <> 't' AND nspname <> 'pg_toast' AND pg_relation_size(c.oid) > 0
     ORDER BY system, name`,
  )
  return rows
}
