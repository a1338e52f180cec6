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
  release(name: string): Promise<void>
  close(): Promise<void>
}

/** @param kind what is held, e.g. `agenda`; leases of different kinds do not meet. */
export function createLease(databaseUrl: string, kind: string): Lease {
  let client: pg.Client | undefined
  let closed = false
  const holding = new Set<string>()
  const connect = async (): Promise<pg.Client> => {
    if (client) return client
    const fresh = new pg.Client({ connectionString: databaseUrl, application_name: `portcullis ${kind} lease` })
    fresh.on('error', () => undefined)
    fresh.once('end', () => {
      holding.clear()
      client = undefined
    })
    await fresh.connect()
    client = fresh
    return fresh
  }
  return {
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
}

const IDLE_MS = 250

/** Runs `work` whenever it is woken, and a few times a second besides; errors are logged and do not stop it. */
export function createLoop(work: () => Promise<void>): { wake(): void; stop(): Promise<void> } {
  let stopped = false
  let wakeUp: () => void = () => undefined
  let woken = false
  const run = async () => {
    while (!stopped) {
      woken = false
      await work().catch((error) => log.error('background work failed', error))
      if (stopped || woken) continue
      await Promise.race([realSleep(IDLE_MS), new Promise<void>((resolve) => (wakeUp = resolve))])
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
