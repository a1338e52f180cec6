import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { startEmbeddedPostgres } from '@/server/cli/embedded-postgres'
import { processIdentity } from '@/server/kernel/processes'

const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-embedded-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Starts the database in a process of its own; resolves with its URL and pid once it is up. */
async function startElsewhere() {
  const supervisor = spawn(
    process.execPath,
    ['--import', 'tsx', resolve('tests/support/database-process.ts'), dataDir],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const line = await new Promise<string>((resolve) => supervisor.stdout.once('data', (chunk) => resolve(String(chunk))))
  return { supervisor, ...(JSON.parse(line) as { url: string; pid: number }) }
}

describe('the embedded database', () => {
  it('makes its cluster once, and keeps port, password and data over a restart', async () => {
    const first = await startEmbeddedPostgres({ dataDir })
    expect(first.created).toBe(true)
    await query(first.url, 'CREATE TABLE kept AS SELECT 1 AS id')
    await first.stop()
    const second = await startEmbeddedPostgres({ dataDir })
    expect(second.created).toBe(false)
    expect(second.url).toBe(first.url)
    expect(await query(second.url, 'SELECT id FROM kept')).toEqual([{ id: 1 }])
    await second.stop()
  })

  it('writes its URL to a file that only its owner can read', async () => {
    expect(readFileSync(join(dataDir, 'database.url'), 'utf8')).toMatch(
      /^postgresql:\/\/portcullis:[0-9a-f]{48}@127\.0\.0\.1:\d+\/portcullis\n$/,
    )
    expect(statSync(join(dataDir, 'database.url')).mode & 0o777).toBe(0o600)
  })

  it('lets nobody in without the password, and listens on the loopback address alone', async () => {
    const database = await startEmbeddedPostgres({ dataDir })
    const wrong = new URL(database.url)
    wrong.password = 'guess'
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/)
    expect(await query(database.url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }])
    expect(await query(database.url, 'SHOW unix_socket_directories')).toEqual([{ unix_socket_directories: '' }])
    await database.stop()
  })

  it('is told to have ended when it dies, and comes up again with what was committed', async () => {
    const database = await startEmbeddedPostgres({ dataDir })
    await query(database.url, 'INSERT INTO kept VALUES (2)')
    process.kill(database.pid!, 'SIGKILL')
    expect(await database.ended).toBe('signal SIGKILL')
    const again = await startEmbeddedPostgres({ dataDir })
    expect(await query(again.url, 'SELECT id FROM kept ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }])
    await again.stop()
  })

  it('left running by a supervisor that was killed is replaced at the next start, and no row is lost', async () => {
    const { supervisor, url, pid } = await startElsewhere()
    await query(url, 'INSERT INTO kept VALUES (3)')
    supervisor.kill('SIGKILL')
    await new Promise((resolve) => supervisor.once('exit', resolve))
    expect(processIdentity(pid)).not.toBe('')
    const next = await startEmbeddedPostgres({ dataDir })
    expect(processIdentity(pid)).toBe('')
    expect(next.pid).not.toBe(pid)
    expect(await query(next.url, 'SELECT count(*)::int AS n FROM kept')).toEqual([{ n: 3 }])
    await next.stop()
  })

  it('says what is wrong when the password file is not that of the cluster', async () => {
    const file = join(dataDir, 'database.url')
    const saved = readFileSync(file, 'utf8')
    writeFileSync(file, saved.replace(/:[0-9a-f]{48}@/, ':guess@'))
    await expect(startEmbeddedPostgres({ dataDir })).rejects.toThrow(/password in .*database\.url is not that/)
    writeFileSync(file, saved)
  })
})
