import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import pg from 'pg'
import { readConfig } from '@/server/kernel/config'
import { realNowMs } from '@/server/kernel/time'

const MIGRATIONS_FOLDER = resolve(import.meta.dirname, 'migrations')
/** The lock that Prisma's own `migrate deploy` takes, so that the two exclude each other as well. */
const PRISMA_LOCK = 72707369

/** The table as Prisma makes it: its own tools can take over from here. */
const MIGRATIONS_TABLE = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`

export type Migration = { name: string; sql: string; checksum: string }
export type AppliedMigration = { name: string; checksum: string; finished: boolean }

/**
 * Brings a database up to date with prisma/migrations, each migration in a transaction of its own. Any number of
 * processes may call it at once. Returns the names of the migrations it applied.
 * @throws Error when the database holds a migration that was changed since, that is unknown here, or that is unfinished.
 */
export async function migrate(databaseUrl: string, folder = MIGRATIONS_FOLDER): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK])
    await client.query(MIGRATIONS_TABLE)
    const due = pendingMigrations(readMigrations(folder), await readApplied(client))
    for (const migration of due) await apply(client, migration)
    return due.map((m) => m.name)
  } finally {
    await client.end()
  }
}

/** The migrations of a folder, oldest first, with the checksum Prisma gives them: SHA-256 of the file in hex. */
export function readMigrations(folder: string): Migration[] {
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'migration.sql')))
  return names.sort().map((name) => {
    const sql = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
  })
}

/** Decides what is left to apply; refuses a history that the folder does not continue. */
export function pendingMigrations(folder: Migration[], applied: AppliedMigration[]): Migration[] {
  const known = new Map(folder.map((m) => [m.name, m]))
  for (const { name, checksum, finished } of applied) {
    const migration = known.get(name)
    if (!finished) throw new Error(`The migration ${name} was begun on this database and never finished.`)
    if (!migration) {
      throw new Error(`The database has the migration ${name}, which is not here: it belongs to a newer Portcullis.`)
    }
    if (migration.checksum !== checksum) {
      throw new Error(`The migration ${name} was changed after it was applied. Put it back, and write a new one.`)
    }
  }
  const done = new Set(applied.map((a) => a.name))
  return folder.filter((m) => !done.has(m.name))
}

async function readApplied(client: pg.Client): Promise<AppliedMigration[]> {
  const { rows } = await client.query<AppliedMigration>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
     FROM "_prisma_migrations" WHERE rolled_back_at IS NULL`,
  )
  return rows
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(sql)
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, finished_at, migration_name, applied_steps_count)
       VALUES (gen_random_uuid(), $1, now(), $2, 1)`,
      [checksum, name],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw new Error(`The migration ${name} failed, and nothing of it was kept: ${(error as Error).message}`, {
      cause: error,
    })
  }
}

/** Writes the migration that leads from the existing ones to prisma/schema; returns its name, or null when none is needed. */
async function author(title: string): Promise<string | null> {
  const { startEmbeddedPostgres } = await import('@/server/cli/embedded-postgres')
  const { diffToSchema } = await import('./schema-diff')
  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-author-'))
  const scratch = await startEmbeddedPostgres({ dataDir, durable: false })
  try {
    await migrate(scratch.url)
    const sql = await diffToSchema(scratch.url)
    if (sql === '') return null
    const stamp = new Date(realNowMs()).toISOString().replace(/\D/g, '').slice(0, 14)
    const name = `${stamp}_${title.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`
    mkdirSync(join(MIGRATIONS_FOLDER, name), { recursive: true })
    writeFileSync(join(MIGRATIONS_FOLDER, name, 'migration.sql'), `${sql}\n`)
    writeFileSync(join(MIGRATIONS_FOLDER, 'migration_lock.toml'), 'provider = "postgresql"\n')
    return name
  } finally {
    await scratch.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function main([command, title]: string[]): Promise<void> {
  if (command === 'author' && title) {
    const name = await author(title)
    console.log(name ? `Wrote prisma/migrations/${name}/migration.sql` : 'The schema and the migrations agree.')
  } else if (command === undefined) {
    const applied = await migrate(readConfig().databaseUrl)
    console.log(applied.length ? `Applied ${applied.join(', ')}` : 'The database is up to date.')
  } else {
    throw new Error('Usage: tsx prisma/migrate.ts [author <name>]')
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
