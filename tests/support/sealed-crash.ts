import { randomBytes } from 'node:crypto'
import { connect, type SealedServer, sql, startSealed } from './sealed-postgres'

/** A database whose sums must stay equal, and a list of what clients were told is committed. */
export async function prepareAccounts(port: number): Promise<void> {
  await sql(
    port,
    `CREATE EXTENSION IF NOT EXISTS amcheck;
     CREATE TABLE account (id int PRIMARY KEY, balance int NOT NULL);
     INSERT INTO account SELECT i, 1000 FROM generate_series(1, 100) i;
     CREATE TABLE receipt (id text PRIMARY KEY, filler text NOT NULL)`,
  )
}

/** Moves money and writes receipts from several connections until the server dies; the receipts that were confirmed. */
export async function workUntilDeath(port: number): Promise<string[]> {
  const confirmed: string[] = []
  const work = async (number: number) => {
    // The kill may come before the connection does.
    const client = await connect(port).catch(() => undefined)
    if (!client) return
    try {
      for (let i = 0; ; i++) {
        const id = `${number}-${i}-${randomBytes(6).toString('hex')}`
        const [from, to] = [1 + ((i * 7 + number) % 100), 1 + ((i * 13 + number * 31) % 100)]
        const [low, high] = from < to ? [from, to] : [to, from]
        await client.query('BEGIN')
        await client.query('SELECT 1 FROM account WHERE id IN ($1, $2) ORDER BY id FOR UPDATE', [low, high])
        await client.query('UPDATE account SET balance = balance - 1 WHERE id = $1', [from])
        await client.query('UPDATE account SET balance = balance + 1 WHERE id = $1', [to])
        await client.query("INSERT INTO receipt VALUES ($1, repeat('x', 200))", [id])
        await client.query('COMMIT')
        confirmed.push(id)
        if (number === 0 && i % 20 === 19) await client.query('CHECKPOINT')
      }
    } catch {
      await client.end().catch(() => undefined)
    }
  }
  await Promise.all([0, 1, 2, 3].map(work))
  return confirmed
}

/** Ends every process of a server at once, as a power cut of the process does. */
export function killHard(server: SealedServer): Promise<unknown> {
  process.kill(-server.child.pid!, 'SIGKILL')
  return server.ended
}

/** Starts, works, kills, `rounds` times; what the confirmed receipts and the sums say after each start. */
export async function crashRounds(dataDir: string, dek: Buffer, rounds: number, afterMs: (round: number) => number) {
  const confirmed: string[] = []
  const lost: string[] = []
  let server = await startSealed(dataDir, dek)
  await prepareAccounts(server.port)
  for (let round = 0; round < rounds; round++) {
    const working = workUntilDeath(server.port)
    await new Promise((resolve) => setTimeout(resolve, afterMs(round)))
    await killHard(server)
    confirmed.push(...(await working))
    server = await startSealed(dataDir, dek)
    const found = new Set((await sql(server.port, 'SELECT id FROM receipt')).map((row) => row.id))
    lost.push(...confirmed.filter((id) => !found.has(id)))
  }
  const [sum] = await sql(server.port, 'SELECT sum(balance)::int AS sum FROM account')
  await sql(server.port, "SELECT bt_index_check('account_pkey', true), bt_index_check('receipt_pkey', true)")
  return { confirmed: confirmed.length, lost, sum: sum!.sum, server }
}
