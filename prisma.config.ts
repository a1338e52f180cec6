import { resolve } from 'node:path'
import { defineConfig } from 'prisma/config'

// `generate`, `validate` and `format` need no network this way; migrations are applied by prisma/migrate.ts.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= resolve(import.meta.dirname, 'server/cli/schema-engine-stub.mjs')

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  ...(process.env.DATABASE_URL ? { datasource: { url: process.env.DATABASE_URL } } : {}),
})
