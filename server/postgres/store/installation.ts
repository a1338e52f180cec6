import type { Db } from '@/server/kernel/db'

/** What the engine that was heard of last says of itself; null before the first has started. */
export const findNewestEngine = (db: Db): Promise<{ postgresPort: number | null; dataPlane: unknown } | null> =>
  db.engine.findFirst({ select: { postgresPort: true, dataPlane: true }, orderBy: { heartbeatMs: 'desc' } })
