import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { restoreBackup, takeBackup, verifyBackup } from '@/server/storage/service/backup'
import { killHard, prepareAccounts, workUntilDeath } from '../support/sealed-crash'
import {
  connect,
  makeFolder,
  makePlainCluster,
  remove,
  type SealedServer,
  sealedClusterOf,
  sql,
  startSealed,
  stop,
} from '../support/sealed-postgres'

const folder = makeFolder()
const [data, backup] = [join(folder, 'data'), join(folder, 'backup')] as [string, string]
const dek = randomBytes(32)
const NEEDLE = 'a-needle-in-a-backup'
const envelope = { kid: 'https://vault.example/keys/k/1' }
let server: SealedServer

beforeAll(async () => {
  await sealedClusterOf(makePlainCluster(folder), data, dek)
  server = await startSealed(data, dek)
  await prepareAccounts(server.port)
  await sql(server.port, `CREATE TABLE secret AS SELECT '${NEEDLE}' AS word`)
})
afterAll(async () => {
  await stop(server)
  remove(folder)
})

const owner = () => ({ uid: statSync(data).uid, gid: statSync(data).gid })
const opened = async (to: string, key: Buffer) => {
  const restored = await startSealed(to, key)
  const [row] = await sql(
    restored.port,
    'SELECT (SELECT sum(balance)::int FROM account) AS sum, (SELECT word FROM secret) AS word',
  )
  const receipts = new Set((await sql(restored.port, 'SELECT id FROM receipt')).map(({ id }) => id))
  await stop(restored)
  return { ...row, receipts }
}

describe('a backup of a running server', () => {
  it('taken under load and resealed under another key holds what was committed before it, and adds up', async () => {
    const working = workUntilDeath(server.port)
    await expect.poll(async () => (await sql(server.port, 'SELECT 1 FROM receipt LIMIT 20')).length).toBe(20)
    const before = (await sql(server.port, 'SELECT id FROM receipt')).map(({ id }) => id)
    const client = await connect(server.port)
    const manifest = await takeBackup({ dataDir: data, folder: backup, envelope, dek }, async (text) => {
      return (await client.query(text)).rows
    })
    await client.end()
    await killHard(server)
    await working
    expect(manifest.bytes).toBeGreaterThan(10_000_000)
    expect((await verifyBackup(backup)).envelope).toEqual(envelope)
    const other = randomBytes(32)
    await restoreBackup({ folder: backup, fromDek: dek, to: join(folder, 'restored'), toDek: other, owner: owner() })
    const found = await opened(join(folder, 'restored'), other)
    expect(found).toMatchObject({ sum: 100_000, word: NEEDLE })
    expect(before.filter((id) => !found.receipts.has(id))).toEqual([])
    server = await startSealed(data, dek)
  })

  it('shows no word of the user in any of its files', () => {
    const names = readdirSync(backup, { recursive: true, encoding: 'utf8' }).map((name) => join(backup, name))
    const holding = names.filter((name) => statSync(name).isFile() && readFileSync(name).includes(NEEDLE))
    expect(holding).toEqual([])
  })

  it('that was changed is refused by the name of the file, and leaves nothing behind', async () => {
    const victim = join(backup, 'data/global/pg_control')
    const saved = readFileSync(victim)
    const changed = Buffer.from(saved)
    changed[100]! ^= 1
    writeFileSync(victim, changed)
    const to = join(folder, 'never')
    const restoring = restoreBackup({ folder: backup, fromDek: dek, to, toDek: dek })
    await expect(restoring).rejects.toThrow(/the file global\/pg_control was changed/)
    expect(existsSync(to)).toBe(false)
    writeFileSync(victim, saved)
  })

  it('is not opened by another key, and leaves nothing behind', async () => {
    const to = join(folder, 'never')
    const restoring = restoreBackup({ folder: backup, fromDek: randomBytes(32), to, toDek: dek })
    await expect(restoring).rejects.toThrow(/another data encryption key/)
    expect(readdirSync(folder).filter((name) => name.startsWith('never'))).toEqual([])
  })
})

describe('a second backup', () => {
  it('shares what did not change, holds what did, and stands on its own when the first is gone', async () => {
    await sql(server.port, "UPDATE secret SET word = 'changed after the first'")
    const [second, third] = [join(folder, 'second'), join(folder, 'third')] as [string, string]
    for (const [to, previous] of [
      [second, backup],
      [third, second],
    ] as const) {
      const client = await connect(server.port)
      const query = async (text: string) => (await client.query(text)).rows
      await takeBackup({ dataDir: data, folder: to, envelope, dek, previous }, query)
      await client.end()
    }
    const inodes = (of: string) =>
      readdirSync(join(of, 'data'), { recursive: true, encoding: 'utf8' }).map((name) =>
        statSync(join(of, 'data', name)),
      )
    expect(inodes(third).filter((status) => status.isFile() && status.nlink === 3).length).toBeGreaterThan(500)
    remove(backup)
    remove(second)
    await verifyBackup(third)
    const other = randomBytes(32)
    await restoreBackup({ folder: third, fromDek: dek, to: join(folder, 'again'), toDek: other, owner: owner() })
    expect(await opened(join(folder, 'again'), other)).toMatchObject({ sum: 100_000, word: 'changed after the first' })
    await sql(server.port, `UPDATE secret SET word = '${NEEDLE}'`)
  })
})

describe('a backup of a server that was shut down', () => {
  it('is copied without waking it, and opens', async () => {
    await stop(server)
    const cold = join(folder, 'cold')
    await takeBackup({ dataDir: data, folder: cold, envelope, dek }, null)
    const other = randomBytes(32)
    await restoreBackup({ folder: cold, fromDek: dek, to: join(folder, 'warm'), toDek: other, owner: owner() })
    expect(await opened(join(folder, 'warm'), other)).toMatchObject({ sum: 100_000, word: NEEDLE })
    server = await startSealed(data, dek)
  })
})
