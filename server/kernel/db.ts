import { PrismaPg } from '@prisma/adapter-pg'
import { Prisma, PrismaClient } from '@/prisma/generated/client'
import type { Ctx } from './context'

export { Prisma, PrismaClient }

export type Db = PrismaClient | Prisma.TransactionClient

export const isUniqueViolation = (error: unknown): boolean => (error as { code?: string } | null)?.code === 'P2002'

/** @param max connections in the pool of this process. */
export function createDb(databaseUrl: string, max = 10): PrismaClient {
  const statementNameGenerator = nameFrequent()
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl, max }, { statementNameGenerator }) })
}

const FREQUENT = 20
const NAMED_AT_MOST = 300
const COUNTED_AT_MOST = 2000
const UNNAMED = ''

/**
 * Names the statements that come again and again: each connection prepares such a one once. The rest stay unnamed, since
 * a list of another length is another statement, and a connection keeps what it prepared.
 */
function nameFrequent(): (query: { sql: string }) => string {
  const names = new Map<string, string>()
  const seen = new Map<string, number>()
  return ({ sql }) => {
    const name = names.get(sql)
    if (name || names.size === NAMED_AT_MOST) return name ?? UNNAMED
    const times = (seen.get(sql) ?? 0) + 1
    if (times < FREQUENT) {
      if (times > 1 || seen.size < COUNTED_AT_MOST) seen.set(sql, times)
      return UNNAMED
    }
    seen.delete(sql)
    const fresh = `frequent ${names.size}`
    names.set(sql, fresh)
    return fresh
  }
}

/** Runs `work` in one transaction; inside a transaction already open it joins it. */
export async function transact<T>(ctx: Ctx, work: (ctx: Ctx) => Promise<T>): Promise<T> {
  if (!('$transaction' in ctx.db)) return work(ctx)
  return ctx.db.$transaction((tx) => work({ ...ctx, db: tx }), { timeout: 60_000, maxWait: 20_000 })
}
