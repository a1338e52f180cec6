import 'server-only'
import type { z } from 'zod'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { sealedPageInput, sealedSearchInput, sealedTablesInput } from '@/server/postgres/contract'
import { listSealedTables, readSealedPage, searchSealed } from '@/server/postgres/service'
import { portalWiring } from './portal-wiring'
import { portalRuntime } from './runtime'

const deps = () => ({ keyAccess: portalWiring().keyAccess, dataDir: portalRuntime().config.dataDir })

function parse<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw new AppError('BadParameter', { publicMessage: parsed.error.issues[0]?.message ?? 'The input is not valid.' })
}

/** What can be chosen from on the page "What is sealed". */
export const readSealedTables = (ctx: Ctx, name: string, query: URLSearchParams) =>
  listSealedTables(ctx, deps(), {
    name,
    ...parse(sealedTablesInput, { database: query.get('database') || 'postgres' }),
  })

export const readPageOf = (ctx: Ctx, name: string, query: URLSearchParams) =>
  readSealedPage(ctx, deps(), {
    name,
    ...parse(sealedPageInput, { file: query.get('file') ?? '', page: Number(query.get('page') ?? 0) }),
  })

export const searchRawFiles = (ctx: Ctx, name: string, input: unknown) =>
  searchSealed(ctx, deps(), { name, ...parse(sealedSearchInput, input) })
