import pg from 'pg'
import { log } from '@/server/kernel/log'
import { realSleep } from '@/server/kernel/time'

/**
 * Lets one engine at a time hold a thing, such as a tenant's agenda: an advisory lock of the database, which a dying
 * engine loses with its connection, so that another takes over at once.
 */
export type Lease = {
  /** Takes it if it is free; true while it is ours. */
  held(name: string): Promise<boolean>
  /**
   * Takes a fair share of many things, and lets go of what is more than that: with two engines each holds half, and a
   * dead one's half is taken by the other. Call it while nothing held is being worked on. @returns what is ours now.
   */
  share(names: string[]): Promise<string[]>
  release(name: string): Promise<void>
  close(): Promise<void>
}

/** @param kind what is held, e.g. `agenda`; leases of different kinds do not meet. */
export function createLease(databaseUrl: string, kind: string): Lease {
  let client: pg.Client | undefined
  let closed = false
  const holding = new Set<string>()
  // By their connections, as the locks go: whoever has one may hold something.
  const applicationName = `portcullis ${kind} lease`
  const countHolders = async (connection: pg.Client): Promise<number> => {
    const { rows } = await connection.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()',
      [applicationName],
    )
    return Math.max(1, rows[0]?.n ?? 1)
  }
  const connect = async (): Promise<pg.Client> => {
    if (client) return client
    const fresh = new pg.Client({ connectionString: databaseUrl, application_name: applicationName })
    fresh.on('error', () => undefined)
    fresh.once('end', () => {
      holding.clear()
      client = undefined
    })
    await fresh.connect()
    client = fresh
    return fresh
  }
  const lease: Lease = {
    async share(names) {
      if (closed) return []
      const limit = Math.ceil(names.length / (await countHolders(await connect())))
      const mine = [...holding].filter((name) => names.includes(name))
      for (const surplus of [...holding].filter((name) => !mine.slice(0, limit).includes(name)))
        await lease.release(surplus)
      for (const name of names) {
        if (holding.size >= limit) break
        await lease.held(name)
      }
      return [...holding]
    },
    async held(name) {
      if (closed) return false
      const connection = await connect()
      if (holding.has(name)) return true
      const { rows } = await connection.query<{ got: boolean }>(
        'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS got',
        [`${kind} of ${name}`],
      )
      if (rows[0]?.got) holding.add(name)
      return rows[0]?.got ?? false
    },
    async release(name) {
      if (!holding.delete(name)) return
      const connection = await connect()
      await connection.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [`${kind} of ${name}`])
    },
    async close() {
      closed = true
      await client?.end().catch(() => undefined)
    },
  }
  return lease
}

const IDLE_MS = 250

/**
 * Runs `work` whenever it is woken, and a few times a second besides; errors are logged and do not stop it.
 * @param gatherMs so long it waits for more when it is woken, so that a storm of news is worked through together.
 */
export function createLoop(work: () => Promise<void>, gatherMs = 0): { wake(): void; stop(): Promise<void> } {
  let stopped = false
  let wakeUp: () => void = () => undefined
  let woken = false
  const run = async () => {
    while (!stopped) {
      woken = false
      await work().catch((error) => log.error('background work failed', error))
      if (!stopped && !woken)
        await Promise.race([realSleep(IDLE_MS), new Promise<void>((resolve) => (wakeUp = resolve))])
      if (!stopped && woken && gatherMs) await realSleep(gatherMs)
    }
  }
  const done = run()
  return {
    wake() {
      woken = true
      wakeUp()
    },
    async stop() {
      stopped = true
      wakeUp()
      await done
    },
  }
}
