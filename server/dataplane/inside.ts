import pg from 'pg'
import { ADMIN_ROLE, SYSTEM_DATABASES } from './model'

const identifier = pg.escapeIdentifier
const literal = pg.escapeLiteral

/** Makes an administrator, or gives it a new verifier; may run twice. Its statements are in no log. */
export async function installAdministrator(client: pg.Client, login: string, verifier: string): Promise<void> {
  await client.query(
    'SET log_statement = none; SET log_min_duration_statement = -1; SET log_min_error_statement = panic',
  )
  const known = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [login])
  if (!known.rowCount) await client.query(`CREATE ROLE ${identifier(login)}`)
  await client.query(
    `ALTER ROLE ${identifier(login)} LOGIN INHERIT CREATEDB CREATEROLE REPLICATION PASSWORD ${literal(verifier)}`,
  )
  await client.query(`GRANT ${ADMIN_ROLE} TO ${identifier(login)} WITH ADMIN OPTION`)
}

export type DatabaseRow = {
  name: string
  owner: string
  charset: string
  collation: string
  sizeBytes: number
  system: boolean
}

/** Databases that a customer sees, by name. */
export async function listDatabases(client: pg.Client): Promise<DatabaseRow[]> {
  const { rows } = await client.query(
    `SELECT datname AS name, pg_get_userbyid(datdba) AS owner, pg_encoding_to_char(encoding) AS charset,
       coalesce(datlocale, datcollate) AS collation, pg_database_size(oid)::float8 AS "sizeBytes"
     FROM pg_database WHERE NOT datistemplate ORDER BY datname`,
  )
  return rows.map((row) => ({ ...row, system: SYSTEM_DATABASES.includes(row.name) }))
}

export const createDatabase = (client: pg.Client, name: string, owner: string): Promise<unknown> =>
  client.query(`CREATE DATABASE ${identifier(name)} OWNER ${identifier(owner)}`)

/** Ends the sessions in it. */
export const dropDatabase = (client: pg.Client, name: string): Promise<unknown> =>
  client.query(`DROP DATABASE ${identifier(name)} WITH (FORCE)`)

export type SettingRow = {
  name: string
  setting: string
  unit: string | null
  category: string
  description: string
  context: string
  vartype: 'bool' | 'enum' | 'integer' | 'real' | 'string'
  minVal: string | null
  maxVal: string | null
  enumVals: string[] | null
  bootVal: string | null
  resetVal: string | null
  overridden: boolean
  pendingRestart: boolean
}

/** All settings as the server runs with them. */
export async function listSettings(client: pg.Client): Promise<SettingRow[]> {
  const { rows } = await client.query(
    `SELECT name, setting, unit, category, short_desc AS description, context, vartype, min_val AS "minVal",
       max_val AS "maxVal", enumvals AS "enumVals", boot_val AS "bootVal", reset_val AS "resetVal",
       coalesce(sourcefile LIKE '%postgresql.auto.conf', false) AS overridden, pending_restart AS "pendingRestart"
     FROM pg_settings WHERE name NOT LIKE 'portcullis.%' ORDER BY name`,
  )
  return rows
}

/** Sets a parameter for good, or back to its default; what needs no restart holds at once. @throws what PostgreSQL says of a bad value. */
export async function setParameter(client: pg.Client, name: string, value: string | null): Promise<void> {
  const to = value === null ? `RESET ${identifier(name)}` : `SET ${identifier(name)} = ${literal(value)}`
  await client.query(`ALTER SYSTEM ${to}`)
  await client.query('SELECT pg_reload_conf()')
}

/** Client sessions beside our own. */
export async function countSessions(client: pg.Client): Promise<number> {
  const { rows } = await client.query(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE backend_type IN ('client backend', 'walsender') AND pid <> pg_backend_pid()`,
  )
  return rows[0].n as number
}
