import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import type { ConstructorOptions, SchemaEngine } from '@prisma/schema-engine-wasm'
import pg from 'pg'

const SCHEMA_FOLDER = resolve(import.meta.dirname, 'schema')
const NO_FILTER = { externalTables: [], externalEnums: [] }

/** The SQL that turns the tables of a database into those of prisma/schema; empty when they agree already. */
export async function diffToSchema(databaseUrl: string): Promise<string> {
  const files = readSchema()
  const pool = new CatalogPool({ connectionString: databaseUrl })
  const engine = await openEngine(pool, files)
  try {
    const schema = { files: files.map(([path, content]) => ({ path, content })) }
    const { stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', ...schema, configDir: SCHEMA_FOLDER },
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: null,
      filters: NO_FILTER,
    })
    const sql = (stdout ?? '').trim()
    return sql === '-- This is an empty migration.' ? '' : sql
  } finally {
    engine.free()
    await pool.end()
  }
}

function readSchema(): [path: string, content: string][] {
  if (!existsSync(SCHEMA_FOLDER)) throw new Error(`${relative(process.cwd(), SCHEMA_FOLDER)} is missing.`)
  const names = readdirSync(SCHEMA_FOLDER).filter((name) => name.endsWith('.prisma'))
  return names.sort().map((name) => [join(SCHEMA_FOLDER, name), readFileSync(join(SCHEMA_FOLDER, name), 'utf8')])
}

/** The engine reads columns of the catalog's internal type "char", which the adapter does not know: they pass as char(1). */
class CatalogPool extends pg.Pool {
  override query = (async (config: pg.QueryConfig) => {
    const result = await pg.Pool.prototype.query.call(this, config)
    for (const field of result.fields) if (field.dataTypeID === pg.types.builtins.CHAR) field.dataTypeID = pg.types.builtins.BPCHAR
    return result
  }) as pg.Pool['query']
}

type Glue = { __wbg_set_wasm(exports: WebAssembly.Exports): void; SchemaEngine: typeof SchemaEngine }

/** Node loads no wasm by `import` yet, so the module is put together by hand. */
async function openEngine(pool: pg.Pool, datamodels: ConstructorOptions['datamodels']): Promise<SchemaEngine> {
  const gluePath = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const glue = (await import(gluePath)) as Glue
  const bytes = readFileSync(join(dirname(gluePath), 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, {
    './schema_engine_bg.js': glue as unknown as WebAssembly.ModuleImports,
  })
  glue.__wbg_set_wasm(instance.exports)
  ;(instance.exports.__wbindgen_start as () => void)()
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool))
  return glue.SchemaEngine.new({ datamodels }, () => undefined, adapter)
}
