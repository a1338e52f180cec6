import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import type { ConstructorOptions, SchemaEngine } from '@prisma/schema-engine-wasm'
import pg from 'pg'

const SCHEMA_FOLDER = resolve(import.meta.dirname, 'schema')
const NO_FILTER = { externalTables: [], externalEnums: [] }

/** The SQL that turns the tables of a database into those of prisma/schema; empty when they agree already. */
export async function diffToSchema(databaseUrl: string): Promise<string> {
  const files = readSchema()
  const pool = new pg.Pool({ connectionString: databaseUrl })
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

const { CHAR, TIME } = pg.types.builtins

/**
 * The engine reads catalog columns of PostgreSQL's internal type "char", which the adapter refuses. They travel through
 * it as `time`, a type that no catalog has, and get their true name behind it.
 */
class CatalogAdapter extends PrismaPg {
  constructor(pool: pg.Pool) {
    super(pool)
    const query = pool.query.bind(pool) as (config: pg.QueryConfig) => Promise<pg.QueryResult>
    pool.query = (async (config: pg.QueryConfig) => {
      const result = await query(config)
      for (const field of result.fields) if (field.dataTypeID === CHAR) field.dataTypeID = TIME
      return result
    }) as pg.Pool['query']
  }

  override async connect() {
    const adapter = await super.connect()
    const queryRaw = adapter.queryRaw.bind(adapter)
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query)
      const columnTypes = result.columnTypes.map((t) => (t === ColumnTypeEnum.Time ? ColumnTypeEnum.Character : t))
      return { ...result, columnTypes }
    }
    return adapter
  }
}

type Glue = { __wbg_set_wasm(exports: WebAssembly.Exports): void; SchemaEngine: typeof SchemaEngine }

let glue: Promise<Glue> | undefined

async function openEngine(pool: pg.Pool, datamodels: ConstructorOptions['datamodels']): Promise<SchemaEngine> {
  glue ??= loadGlue()
  const adapter = bindMigrationAwareSqlAdapterFactory(new CatalogAdapter(pool))
  return (await glue).SchemaEngine.new({ datamodels }, () => undefined, adapter)
}

/** Node loads no wasm by `import` yet, so the module is put together by hand; once, as it keeps views of its memory. */
async function loadGlue(): Promise<Glue> {
  const path = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const loaded = (await import(path)) as Glue
  const bytes = readFileSync(join(dirname(path), 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, {
    './schema_engine_bg.js': loaded as unknown as WebAssembly.ModuleImports,
  })
  loaded.__wbg_set_wasm(instance.exports)
  ;(instance.exports.__wbindgen_start as () => void)()
  // Where the engine leaves the reason of a panic; without it the reason is lost.
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (text: string) => console.error(text) } })
  return loaded
}
