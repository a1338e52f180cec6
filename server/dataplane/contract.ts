import { z } from 'zod'

/** What the console runs, and as whom; the password is used once and kept nowhere. */
export const consoleInput = z.object({
  login: z.string().min(1, 'Give a login.').max(63, 'A login has at most 63 characters.'),
  password: z.string().max(1000),
  database: z.string().min(1, 'Name a database.').max(63, 'A database name has at most 63 characters.'),
  sql: z.string().trim().min(1, 'Write a statement first.').max(500_000, 'At most 500,000 characters at once.'),
})
export type ConsoleInput = z.infer<typeof consoleInput>

export type ConsoleResult = {
  /** What PostgreSQL says was done: `SELECT`, `INSERT`. */
  command: string
  /** Rows returned or changed; null where the command has no count. */
  rowCount: number | null
  columns: { name: string; type: string }[]
  /** The first `ROW_LIMIT` rows in PostgreSQL's own text form. */
  rows: (string | null)[][]
}

export type ConsoleMessage = {
  severity: string
  /** SQLSTATE; null for what is not PostgreSQL's. */
  code: string | null
  message: string
  detail: string | null
  hint: string | null
  /** Character of the text, from 1; null when it concerns no place. */
  position: number | null
}

export type ConsoleRun = {
  results: ConsoleResult[]
  notices: ConsoleMessage[]
  error: ConsoleMessage | null
  /** Real milliseconds from before the connection, and of the statements alone. */
  connectMs: number
  runMs: number
  /** Databases that the login sees; empty when it could not be asked. */
  databases: string[]
}

/** Rows of one result that the console keeps; the others are counted. */
export const ROW_LIMIT = 1000
