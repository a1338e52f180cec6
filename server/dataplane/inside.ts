import pg from 'pg'
import { AppError } from '@/server/kernel/errors'
import { monotonicMs, realSleep } from '@/server/kernel/time'
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

/** A setting as it is, and as it will be after a restart where `pendingRestart` says so. Numbers are in its unit. */
export type SettingRow = {
  name: string
  value: string
  defaultValue: string
  unit: string | null
  category: string
  description: string
  context: string
  vartype: 'bool' | 'enum' | 'integer' | 'real' | 'string'
  minVal: string | null
  maxVal: string | null
  enumVals: string[] | null
  /** Set for good, by `setParameters`. */
  modified: boolean
  /** Given on the command line, above every file. */
  pinned: boolean
  pendingRestart: boolean
}

const OWN_FILE = '%postgresql.auto.conf'

/**
 * All settings. PostgreSQL keeps its flag of a pending restart when a value that never took effect is set back: it
 * counts only where there is such a value, or where the running one came from there. What our own session brings along
 * (source `client`) says nothing of the server.
 */
export async function listSettings(client: pg.Client): Promise<SettingRow[]> {
  const { rows } = await client.query(
    `WITH file AS (
       SELECT lower(name) AS name, max(setting) FILTER (WHERE sourcefile LIKE $1) AS own, bool_or(sourcefile LIKE $1) AS modified,
         max(setting) FILTER (WHERE sourcefile NOT LIKE $1) AS base
       FROM pg_file_settings GROUP BY 1
     ), known AS (
       SELECT s.*, own, coalesce(modified, false) AS modified, coalesce(base, boot_val, '') AS fallback,
         pending_restart AND (coalesce(modified, false) OR coalesce(sourcefile LIKE $1, false)) AS pending
       FROM pg_settings s LEFT JOIN file ON file.name = lower(s.name)
     )
     SELECT name, unit, category, short_desc AS description, context, vartype, min_val AS "minVal", max_val AS "maxVal",
       enumvals AS "enumVals", modified, source = 'command line' AS pinned, pending AS "pendingRestart",
       CASE WHEN pending OR source = 'client' THEN coalesce(own, fallback) ELSE coalesce(reset_val, '') END AS value,
       CASE WHEN modified OR pending OR source = 'client' THEN fallback ELSE coalesce(reset_val, '') END AS "defaultValue"
     FROM known WHERE name NOT LIKE 'portcullis.%' ORDER BY lower(name)`,
    [OWN_FILE],
  )
  return rows
}

/** A parameter's new value, in its unit; null sets it back to its default. */
type SettingChange = { name: string; value: string | null }

/** Two at once wait for each other by this number. */
const CHANGE_LOCK = 7_215_001
const RELOAD_TIMEOUT_MS = 10_000
const POLL_MS = 5

/**
 * Sets parameters for good; what needs no restart holds for every new session when this answers. All or none: when
 * PostgreSQL refuses one, those before it are set back. @throws AppError `InvalidParameterValue` in PostgreSQL's words.
 */
export async function setParameters(client: pg.Client, changes: SettingChange[]): Promise<void> {
  await client.query('SELECT pg_advisory_lock($1)', [CHANGE_LOCK])
  const { rows } = await client.query('SELECT name, setting FROM pg_file_settings WHERE sourcefile LIKE $1', [OWN_FILE])
  const before = new Map(rows.map((row) => [String(row.name).toLowerCase(), row.setting as string]))
  const done: SettingChange[] = []
  for (const change of changes) {
    try {
      await alterSystem(client, change)
      done.push(change)
    } catch (error) {
      for (const { name } of done) await alterSystem(client, { name, value: before.get(name.toLowerCase()) ?? null })
      throw refusedValue(change, error as pg.DatabaseError)
    }
  }
  await reload(client)
}

/** Its value is a list of names, each of which is quoted by itself. */
const NAME_LIST = 'search_path'

function alterSystem(client: pg.Client, { name, value }: SettingChange): Promise<unknown> {
  if (value === null) return client.query(`ALTER SYSTEM RESET ${identifier(name)}`)
  const values = name === NAME_LIST ? namesIn(value) : [value]
  return client.query(`ALTER SYSTEM SET ${identifier(name)} = ${values.map(literal).join(', ')}`)
}

/** `"$user", public` is a list of two. */
function namesIn(list: string): string[] {
  const names = [...list.matchAll(/"((?:[^"]|"")*)"|[^,\s"]+/g)].map(
    ([all, quoted]) => quoted?.replaceAll('""', '"') ?? all,
  )
  return names.length ? names : ['']
}

function refusedValue({ name }: SettingChange, { code, message, detail, hint }: pg.DatabaseError): unknown {
  const publicMessage = [`PostgreSQL refuses it: ${message}`, detail, hint, 'Nothing was changed.']
    .flatMap((part) => part?.replace(/\.$/, '') ?? [])
    .join('. ')
  return new AppError('InvalidParameterValue', {
    publicMessage: `${publicMessage}.`,
    field: name,
    internal: `SQLSTATE ${code}`,
  })
}

/** The server reads its files before it tells its sessions to: once ours has, every new session begins with them. */
async function reload(client: pg.Client): Promise<void> {
  const loadedAt = async () => (await client.query('SELECT pg_conf_load_time()::text AS at')).rows[0].at as string
  const before = await loadedAt()
  const deadline = monotonicMs() + RELOAD_TIMEOUT_MS
  await client.query('SELECT pg_reload_conf()')
  while ((await loadedAt()) === before && monotonicMs() < deadline) await realSleep(POLL_MS)
}

/** Client sessions beside our own. */
export async function countSessions(client: pg.Client): Promise<number> {
  const { rows } = await client.query(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE backend_type IN ('client backend', 'walsender') AND pid <> pg_backend_pid()`,
  )
  return rows[0].n as number
}
