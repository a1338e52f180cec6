import { startEmbeddedPostgres } from '@/server/cli/embedded-postgres'

/** Holds an embedded database until it is killed: `tsx database-process.ts <data folder>`. */
const { url, pid } = await startEmbeddedPostgres({ dataDir: process.argv[2]! })
console.log(JSON.stringify({ url, pid }))
