import { Socket } from 'node:net'
import pg from 'pg'
import { monotonicMs } from '@/server/kernel/time'
import { type ConsoleInput, type ConsoleMessage, type ConsoleResult, type ConsoleRun, ROW_LIMIT } from './contract'

const CONNECT_TIMEOUT_MS = 20_000
const STATEMENT_TIMEOUT_MS = 120_000
/** A database notices within this time that its client has gone, and gives the statement up. */
const CLIENT_CHECK_MS = 500
/** After so many rows of one run nobody reads on. */
const STREAM_LIMIT = 100_000
const MAX_CELL = 10_000
const MAX_NOTICES = 200

/** The gateway as a client sees it. */
export type GatewayAddress = { host: string; address: string; port: number; ca: string }

type Rows = Map<pg.ResultBuilder, (string | null)[][]>

/**
 * Runs statements as an ordinary TLS client of the gateway: firewall, state and password decide as for anybody. One
 * session for one run. Never throws for what gateway or database refuse; when `signal` aborts, the session ends.
 */
export async function runStatements(
  gateway: GatewayAddress,
  input: ConsoleInput,
  signal: AbortSignal,
): Promise<ConsoleRun> {
  const run: ConsoleRun = { results: [], notices: [], error: null, connectMs: 0, runMs: 0, databases: [] }
  const socket = new Socket()
  const end = () => socket.destroy()
  signal.addEventListener('abort', end, { once: true })
  const client = clientOf(gateway, input, socket)
  client.on('error', () => undefined)
  client.on('notice', (notice) => run.notices.length < MAX_NOTICES && run.notices.push(messageOf(notice)))
  const begun = monotonicMs()
  try {
    signal.throwIfAborted()
    await client.connect()
    run.connectMs = monotonicMs() - begun
    await runAll(client, input.sql, run, end)
    run.databases = await databasesOf(client)
  } catch (error) {
    run.error ??= signal.aborted ? CANCELLED : messageOf(error as pg.DatabaseError)
  } finally {
    signal.removeEventListener('abort', end)
    if (socket.destroyed) end()
    else await client.end().catch(() => undefined)
  }
  return run
}

const clientOf = ({ host, address, port, ca }: GatewayAddress, input: ConsoleInput, socket: Socket): pg.Client =>
  new pg.Client({
    host: address,
    port,
    user: input.login,
    password: input.password,
    database: input.database,
    ssl: { ca, servername: host },
    stream: () => socket,
    application_name: 'Portcullis SQL console',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    options: `-c client_connection_check_interval=${CLIENT_CHECK_MS}`,
  })

async function runAll(client: pg.Client, sql: string, run: ConsoleRun, end: () => void): Promise<void> {
  const rows: Rows = new Map()
  const begun = monotonicMs()
  let finished: pg.QueryArrayResult[] = []
  try {
    finished = await stream(client, sql, rows, () => {
      run.error = TOO_MANY
      end()
    })
  } finally {
    run.runMs = monotonicMs() - begun
    const all = finished.length ? (finished as unknown as pg.ResultBuilder[]) : [...rows.keys()]
    const types = await typeNames(client, all)
    run.results = all.map((result) => resultOf(result, rows.get(result) ?? [], types))
  }
}

/** Keeps the first rows of each result and lets the others pass, so that no answer fills the memory. */
function stream(client: pg.Client, text: string, rows: Rows, tooMany: () => void): Promise<pg.QueryArrayResult[]> {
  const types = { getTypeParser: () => (value: string | Buffer) => String(value) }
  const query = new pg.Query({ text, rowMode: 'array', types } as pg.QueryArrayConfig)
  let seen = 0
  return new Promise((resolve, reject) => {
    query.on('row', (row: (string | null)[], result?: pg.ResultBuilder) => {
      if (!result) return
      const kept = rows.get(result) ?? []
      rows.set(result, kept)
      if (kept.length < ROW_LIMIT) kept.push(row.map(shortened))
      if (++seen === STREAM_LIMIT) tooMany()
    })
    query.on('error', reject)
    query.on('end', (result: unknown) => resolve([result].flat() as pg.QueryArrayResult[]))
    client.query(query)
  })
}

const shortened = (value: string | null): string | null =>
  value !== null && value.length > MAX_CELL ? `${value.slice(0, MAX_CELL)}… (${value.length} characters)` : value

const resultOf = (
  { command, rowCount, fields }: pg.ResultBuilder,
  rows: (string | null)[][],
  types: Map<string, string>,
): ConsoleResult => ({
  command: command ?? '',
  rowCount: rowCount ?? null,
  columns: (fields ?? []).map((f) => ({ name: f.name, type: types.get(typeKey(f)) ?? String(f.dataTypeID) })),
  rows,
})

const typeKey = (field: pg.FieldDef): string => `${field.dataTypeID} ${field.dataTypeModifier}`

async function typeNames(client: pg.Client, results: pg.ResultBuilder[]): Promise<Map<string, string>> {
  const fields = results.flatMap((r) => r.fields ?? [])
  if (fields.length === 0) return new Map()
  const { rows } = await client
    .query(
      'SELECT oid, modifier, format_type(oid, modifier) AS name FROM unnest($1::oid[], $2::int[]) AS t(oid, modifier)',
      [fields.map((f) => f.dataTypeID), fields.map((f) => f.dataTypeModifier)],
    )
    .catch(() => ({ rows: [] }))
  return new Map(rows.map((r) => [`${r.oid} ${r.modifier}`, r.name as string]))
}

/** After a statement that left a broken transaction nothing can be asked. */
async function databasesOf(client: pg.Client): Promise<string[]> {
  const { rows } = await client
    .query(
      "SELECT datname FROM pg_database WHERE NOT datistemplate AND has_database_privilege(oid, 'CONNECT') ORDER BY 1",
    )
    .catch(() => ({ rows: [] }))
  return rows.map((r) => r.datname as string)
}

const messageOf = (said: Partial<pg.DatabaseError> & { message?: string }): ConsoleMessage => ({
  severity: said.severity ?? 'ERROR',
  code: said.code ?? null,
  message: said.message || 'The connection failed.',
  detail: said.detail ?? null,
  hint: said.hint ?? null,
  position: said.position ? Number(said.position) : null,
})

const own = (message: string): ConsoleMessage => ({
  severity: 'ERROR',
  code: null,
  message,
  detail: 'The session was ended: what it had not committed is undone.',
  hint: null,
  position: null,
})
const CANCELLED = own('You cancelled the run.')
const TOO_MANY = own(`The answer has more than ${STREAM_LIMIT.toLocaleString('en')} rows. Add a LIMIT.`)
