import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { migrate } from '@/prisma/migrate'
import { diffToSchema } from '@/prisma/schema-diff'
import { bareDatabase, testDatabase } from '@/tests/support/postgres'

const migrated = await testDatabase()
const bare = await bareDatabase()

let folder = ''
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-migrations-'))
  await query('DROP SCHEMA public CASCADE', 'CREATE SCHEMA public')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, sql: string): void {
  mkdirSync(join(folder, name), { recursive: true })
  writeFileSync(join(folder, name, 'migration.sql'), sql)
}

async function query(...statements: string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: bare })
  await client.connect()
  try {
    let rows: Record<string, unknown>[] = []
    for (const sql of statements) rows = (await client.query(sql)).rows
    return rows
  } finally {
    await client.end()
  }
}

describe('the migrations of the project', () => {
  it('make exactly the tables of the schema', async () => {
    expect(await diffToSchema(migrated)).toBe('')
  })

  it('would be found to fall short if a table were missing', async () => {
    expect(await diffToSchema(bare)).toContain('CREATE TABLE')
  })

  it('apply to an empty database, and the second time there is nothing left', async () => {
    cpSync(resolve('prisma/migrations'), folder, { recursive: true })
    expect((await migrate(bare, folder)).length).toBeGreaterThan(0)
    expect(await migrate(bare, folder)).toEqual([])
  })
})

describe('a migration', () => {
  it('is refused when it was changed after it had been applied', async () => {
    write('1_first', 'CREATE TABLE first (id int)')
    await migrate(bare, folder)
    write('1_first', 'CREATE TABLE first (id bigint)')
    await expect(migrate(bare, folder)).rejects.toThrow(/1_first was changed/)
  })

  it('is applied once by any number of processes at once', async () => {
    write('1_first', 'CREATE TABLE first (id int); SELECT pg_sleep(0.1)')
    write('2_second', 'INSERT INTO first VALUES (1)')
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(bare, folder)))
    expect(applied.flat().sort()).toEqual(['1_first', '2_second'])
    expect(await query('SELECT id FROM first')).toHaveLength(1)
  })

  it('that fails leaves nothing behind, and applies once it is mended', async () => {
    write('1_first', 'CREATE TABLE first (id int); SELECT 1 / 0')
    await expect(migrate(bare, folder)).rejects.toThrow(/1_first failed.*division by zero/)
    write('1_first', 'CREATE TABLE first (id int)')
    expect(await migrate(bare, folder)).toEqual(['1_first'])
  })

  it('is recorded the way Prisma does it', async () => {
    write('1_first', 'CREATE TABLE first (id int)')
    await migrate(bare, folder)
    const [row] = await query('SELECT * FROM "_prisma_migrations"')
    expect(row).toMatchObject({ migration_name: '1_first', applied_steps_count: 1, rolled_back_at: null, logs: null })
    expect(row!.checksum).toMatch(/^[0-9a-f]{64}$/)
    expect(row!.finished_at).toBeInstanceOf(Date)
  })
})
