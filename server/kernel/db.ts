import { PrismaPg } from '@prisma/adapter-pg'
import { Prisma, PrismaClient } from '@/prisma/generated/client'
import type { Ctx } from './context'

export { Prisma, PrismaClient }

export type Db = PrismaClient | Prisma.TransactionClient

export const isUniqueViolation = (error: unknown): boolean => (error as { code?: string } | null)?.code === 'P2002'

/** @param max connections in the pool of this process. */
export function createDb(databaseUrl: string, max = 10): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl, max }) })
}

/** Runs `work` in one transaction; inside a transaction already open it joins it. */
export async function transact<T>(ctx: Ctx, work: (ctx: Ctx) => Promise<T>): Promise<T> {
  if (!('$transaction' in ctx.db)) return work(ctx)
  return ctx.db.$transaction((tx) => work({ ...ctx, db: tx }), { timeout: 60_000, maxWait: 20_000 })
}
