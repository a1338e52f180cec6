import { randomBytes } from 'node:crypto'
import { copyFileSync, openSync, readdirSync, readFileSync, readSync, statSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkFormat, readCounters, resealTree } from '@/server/storage/service'
import { crashRounds } from '../support/sealed-crash'
import {
  launch,
  makeFolder,
  makePlainCluster,
  remove,
  sealedClusterOf,
  sql,
  startSealed,
  stop,
} from '../support/sealed-postgres'
import { makeSmallDisk } from '../support/small-disk'

const folder = makeFolder()
const dek = randomBytes(32)
const NEEDLE = 'a-needle-that-nobody-else-would-write'
const data = join(folder, 'data')

beforeAll(async () => {
  await sealedClusterOf(makePlainCluster(folder), data, dek)
})
afterAll(() => remove(folder))

/** Files below a folder that hold the word. */
function holding(root: string, word: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(root, name)).isFile())
    .filter((name) => readFileSync(join(root, name)).includes(word))
}

describe('PostgreSQL on sealed files', () => {
  it('keeps a word of the user in no file: tables, indexes, WAL, logs, temporary files', async () => {
    const settings = {
      logging_collector: 'on',
      log_statement: 'all',
      log_temp_files: '0',
      work_mem: '64kB',
      temp_file_limit: '-1',
    }
    const server = await startSealed(data, dek, settings)
    await sql(server.port, `CREATE TABLE t AS SELECT i, '${NEEDLE}' || i AS word FROM generate_series(1, 20000) i`)
    await sql(server.port, 'CREATE INDEX ON t (word); CHECKPOINT')
    await sql(
      server.port,
      "BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT * FROM t ORDER BY word || '!'; COMMIT; SELECT pg_sleep(0)",
    )
    expect(holding(data, NEEDLE)).toEqual([])
    expect(holding(data, 'pg_class')).toEqual([])
    await stop(server)
    expect(holding(data, NEEDLE)).toEqual([])
    expect(server.output()).not.toContain(NEEDLE)
    expect(readCounters(`${data}.counters`).pagesSealed).toBeGreaterThan(1000)
  })

  it('refuses to start under another data encryption key, says so, and harms nothing', async () => {
    const other = randomBytes(32)
    await expect(checkFormat(data, other)).rejects.toThrow(/another data encryption key/)
    const server = await launch(data, other)
    expect(await server.ended).not.toBe(0)
    expect(server.output()).toMatch(/sealed under another data encryption key/)
    const again = await startSealed(data, dek)
    expect(await sql(again.port, 'SELECT count(*)::int AS n FROM t')).toEqual([{ n: 20000 }])
    await stop(again)
  })

  it('resealed under another key it holds the same rows, and opens under that key alone', async () => {
    const other = randomBytes(32)
    const copy = join(folder, 'copy')
    await resealTree({ from: data, fromDek: dek, to: copy, toDek: other, owner: ownerOf(data) })
    await expect(checkFormat(copy, dek)).rejects.toThrow(/another data encryption key/)
    const server = await startSealed(copy, other)
    expect(await sql(server.port, `SELECT count(*)::int AS n FROM t WHERE word LIKE '${NEEDLE}%'`)).toEqual([
      { n: 20000 },
    ])
    await stop(server)
  })

  it('starts no other program', async () => {
    const server = await startSealed(data, dek)
    await expect(sql(server.port, "COPY t TO PROGRAM 'cat'")).rejects.toThrow(/Operation not permitted/)
    await expect(sql(server.port, `COPY t TO '${folder}/out'`)).rejects.toThrow(/not permitted|denied/)
    await stop(server)
  })
})

describe('a file of a table that somebody changed on the disk', () => {
  const PAGE = 8192
  let path: string

  /** Changes the stopped server's file of table `t`, asks it for all rows, and puts the file back. */
  async function answerAfter(change: () => void): Promise<string> {
    copyFileSync(path, `${folder}/saved`)
    change()
    const server = await startSealed(data, dek)
    const answer = await sql(server.port, 'SELECT count(*)::int AS n FROM t').then(
      (rows) => String(rows[0]!.n),
      (error: Error) => error.message,
    )
    await stop(server)
    writeSync(openSync(path, 'r+'), readFileSync(`${folder}/saved`), 0)
    return answer
  }
  const bytesAt = (file: string, page: number) => {
    const bytes = Buffer.alloc(PAGE)
    readSync(openSync(file, 'r'), bytes, 0, PAGE, page * PAGE)
    return bytes
  }
  const overwrite = (page: number, bytes: Buffer, from = 0) =>
    writeSync(openSync(path, 'r+'), bytes, 0, bytes.length, page * PAGE + from)

  beforeAll(async () => {
    const server = await startSealed(data, dek)
    await sql(server.port, 'CREATE TABLE other AS SELECT * FROM t')
    const [row] = await sql(server.port, "CHECKPOINT; SELECT pg_relation_filepath('t') AS path").then(async () =>
      sql(server.port, "SELECT pg_relation_filepath('t') AS path, pg_relation_filepath('other') AS other"),
    )
    path = join(data, String(row!.path))
    otherPath = join(data, String(row!.other))
    await stop(server)
  })
  let otherPath: string

  it('answers with an error where a bit was flipped, a page moved within it, brought from another table, or zeroed', async () => {
    const flipped = bytesAt(path, 3)
    flipped[4000]! ^= 4
    expect(await answerAfter(() => overwrite(3, flipped))).toMatch(/invalid page in block 3/)
    expect(await answerAfter(() => overwrite(3, bytesAt(path, 5)))).toMatch(/invalid page in block 3/)
    expect(await answerAfter(() => overwrite(3, bytesAt(otherPath, 3)))).toMatch(/invalid page in block 3/)
    expect(await answerAfter(() => overwrite(3, Buffer.alloc(PAGE)))).toMatch(/invalid page in block 3/)
    expect(await answerAfter(() => undefined)).toBe('20000')
  })

  it('is cut short without an error: the known limit of a seal without authentication', async () => {
    const size = statSync(path).size
    const count = Number(await answerAfter(() => truncateSync(path, size - 2 * PAGE)))
    expect(count).toBeLessThan(20_000)
    expect(await answerAfter(() => undefined)).toBe('20000')
  })
})

describe('a server killed under load', () => {
  it('opens again ten times, with every commit that a client was told of', async () => {
    const target = join(folder, 'crash')
    await sealedClusterOf(join(folder, 'plain'), target, dek)
    const outcome = await crashRounds(target, dek, 10, (round) => 150 + 61 * round)
    expect(outcome.lost).toEqual([])
    expect(outcome.confirmed).toBeGreaterThan(20)
    expect(outcome.sum).toBe(100_000)
    await stop(outcome.server)
  }, 120_000)
})

describe('a disk that is full', () => {
  const disk = makeSmallDisk(folder, 230)
  afterAll(() => disk.remove())

  it('is an error that says so; nothing that was confirmed is lost, and with space again the server goes on', async () => {
    const target = join(disk.folder, 'data')
    await sealedClusterOf(join(folder, 'plain'), target, dek)
    const settings = { max_wal_size: '48MB', min_wal_size: '32MB' }
    let server = await startSealed(target, dek, settings)
    await sql(
      server.port,
      'CREATE TABLE filling (id int PRIMARY KEY, filler text); ALTER TABLE filling ALTER filler SET STORAGE EXTERNAL',
    )
    disk.tighten(server.child.pid!)
    let confirmed = 0
    const said = await (async () => {
      for (;;) {
        try {
          await sql(
            server.port,
            `INSERT INTO filling SELECT ${confirmed}, string_agg(md5(n::text), '') FROM generate_series(1, 60000) n`,
          )
          confirmed++
        } catch (error) {
          return `${(error as Error).message}\n${server.output()}`
        }
      }
    })()
    expect(said).toMatch(disk.full)
    expect(confirmed).toBeGreaterThan(3)
    disk.relieve(server.child.pid!)
    // A full WAL makes PostgreSQL end itself rather than go on.
    server = await stop(server).then(() => startSealed(target, dek, settings))
    const [found] = await sql(server.port, 'SELECT count(*)::int AS n, min(length(filler)) AS short FROM filling')
    expect(found).toEqual({ n: confirmed, short: 60_000 * 32 })
    await sql(server.port, "INSERT INTO filling VALUES (-1, 'goes on')")
    await stop(server)
  }, 120_000)
})

function ownerOf(path: string) {
  const { uid, gid } = statSync(path)
  return { uid, gid }
}
