import pg from 'pg'
import type { Db } from './db'
import { log } from './log'
import { realSleep } from './time'

const CHANNEL = 'portcullis'

/** What changed, for whom: the pages of the tenant refetch what they show of it. */
export type Change = {
  tenantId: string
  topic:
    | 'clock'
    | 'operations'
    | 'servers'
    | 'keys'
    | 'identity'
    | 'activity'
    | 'agenda'
    | 'resources'
    | 'alerts'
    | 'metrics'
}

/** The arguments of `pg_notify` that announce a change, for a statement that does other things as well. */
export const announcement = (change: Change): [channel: string, payload: string] => [CHANNEL, JSON.stringify(change)]

/** Announces a change; heard by every process once the surrounding transaction commits. */
export async function announce(db: Db, change: Change): Promise<void> {
  await db.$executeRaw`SELECT pg_notify(${CHANNEL}, ${JSON.stringify(change)})`
}

/** Listens until stopped; reconnects when the database comes back, and then tells `onChange` to assume everything changed. */
export function listen(
  databaseUrl: string,
  onChange: (change: Change | 'everything') => void,
): { stop(): Promise<void> } {
  let stopped = false
  let client: pg.Client | undefined
  const run = async () => {
    for (let first = true; !stopped; first = false) {
      try {
        client = new pg.Client({ connectionString: databaseUrl })
        const ended = new Promise<void>((resolve) => client!.once('end', resolve))
        client.on('error', () => undefined)
        client.on('notification', (n) => onChange(JSON.parse(n.payload ?? '{}') as Change))
        await client.connect()
        await client.query(`LISTEN ${CHANNEL}`)
        if (!first) onChange('everything')
        await ended
      } catch (error) {
        if (!stopped) log.warn('listening for changes failed, trying again', error)
      }
      if (!stopped) await realSleep(1000)
    }
  }
  void run()
  return {
    async stop() {
      stopped = true
      await client?.end().catch(() => undefined)
    },
  }
}
