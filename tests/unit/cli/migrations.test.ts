import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type AppliedMigration, type Migration, pendingMigrations, readMigrations } from '@/prisma/migrate'

const migration = (name: string, checksum = name): Migration => ({ name, sql: '', checksum })
const applied = (name: string, checksum = name): AppliedMigration => ({ name, checksum, finished: true })

describe('the migrations left to apply', () => {
  it('are those the database does not have, in order', () => {
    const folder = [migration('1_a'), migration('2_b'), migration('3_c')]
    expect(pendingMigrations(folder, [applied('1_a')]).map((m) => m.name)).toEqual(['2_b', '3_c'])
  })

  it('are refused when one that was applied has changed since', () => {
    expect(() => pendingMigrations([migration('1_a', 'new')], [applied('1_a', 'old')])).toThrow(/1_a was changed/)
  })

  it('are refused when the database is of a newer version', () => {
    expect(() => pendingMigrations([], [applied('1_a')])).toThrow(/1_a.*newer/)
  })

  it('are refused when one was begun and never finished', () => {
    expect(() => pendingMigrations([migration('1_a')], [{ ...applied('1_a'), finished: false }])).toThrow(
      /never finished/,
    )
  })
})

describe('the migrations of the project', () => {
  it('stand in order of their names with the checksum of their bytes', () => {
    const found = readMigrations(resolve('prisma/migrations'))
    expect(found.length).toBeGreaterThan(0)
    expect(found.map((m) => m.name)).toEqual(found.map((m) => m.name).sort())
    for (const m of found) expect(m.checksum).toBe(createHash('sha256').update(m.sql).digest('hex'))
  })
})
