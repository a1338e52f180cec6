import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type ChainedRecord, verifyChain } from '@/server/activity/crypto'

const USAGE = `Usage: npm run verify-audit -- FILE [--head HASH]

Checks an exported audit log (JSON lines) without any connection: that no record was changed, removed or moved. The last
records can only be missed by comparing with the end of the chain, which the audit log's page shows: give it as --head.`

/** Where the person stood when the command was typed: npm runs scripts in the project's folder. */
const origin = process.env.INIT_CWD ?? process.cwd()

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { head: { type: 'string' } } })
  const file = positionals[0]
  if (!file) {
    console.error(USAGE)
    return false
  }
  const report = await verifyChain(readLines(resolve(origin, file)), values.head ? { hash: values.head } : undefined)
  if (!report.intact) {
    console.error(`BROKEN at record ${report.at}: ${report.problem}. ${report.records} records before it are intact.`)
    return false
  }
  console.log(`Intact: ${report.records} records, up to number ${report.head.length}.`)
  console.log(`End of the chain: ${report.head.hash || 'none'}`)
  if (!values.head)
    console.log('Compare it with the end that the audit log shows: only that tells of missing last records.')
  return true
}

async function* readLines(file: string): AsyncGenerator<ChainedRecord> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim()) yield parse(line)
  }
}

/** A line that is no JSON counts as a record without a place in the chain. */
function parse(line: string): ChainedRecord {
  try {
    return JSON.parse(line) as ChainedRecord
  } catch {
    return {} as ChainedRecord
  }
}

const intact = await main().catch((error: Error) => {
  console.error(error.message)
  return false
})
process.exitCode = intact ? 0 : 1
