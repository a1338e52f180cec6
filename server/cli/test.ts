import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monotonicMs } from '@/server/kernel/time'
import { ensureBrowser } from './browser'
import { ensureSoftHsm } from './pkcs11'
import { freePort } from './ports'
import { preparePrismaClient } from './prepare'
import { ensurePsql } from './system-packages'
import { countPlaywright, countVitest, formatOutcomes, type Outcome } from './test-report'
import { findUnproven, readClaims } from './witnesses'

const SOURCES = ['app', 'components', 'server', 'prisma'].filter((folder) => existsSync(folder))

type Counts = Pick<Outcome, 'passed' | 'failed'>
/** Runs one part; what is not the name of a part on the command line goes to the test runner as a filter. */
type Part = (filters: string[]) => Promise<Counts>

const PARTS = {
  types: async () => {
    if (existsSync('app')) await node(['node_modules/next/dist/bin/next', 'typegen'])
    return check(['node_modules/typescript/bin/tsc', '--noEmit'])
  },
  lint: () => check(['node_modules/@biomejs/biome/bin/biome', 'check', '.']),
  boundaries: () => check(['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', ...SOURCES]),
  /** Files and exports that nothing uses. */
  deadcode: () => check(['node_modules/knip/bin/knip.js']),
  unit: (filters) => vitest('unit', filters),
  integration: async (filters) => {
    ensurePsql()
    return vitest('integration', filters)
  },
  conformance: (filters) => vitest('conformance', filters, { PORTCULLIS_TEST_PKCS11: ensureSoftHsm() ?? '' }),
  witnesses: async () => holdClaims(),
  e2e: playwright,
  bench: (filters) => vitest('bench', filters),
} satisfies Record<string, Part>

const PARITY = 'server/surfaces/keyvault/README.md'

/** Holds the parity table to what has just run: each green row's test was there and passed. */
function holdClaims(): Counts {
  const claims = readClaims(readFileSync(PARITY, 'utf8'))
  const reports = ['unit', 'integration', 'conformance'].map((project) => join(scratch, `${project}.json`))
  const ran = reports.filter((file) => existsSync(file)).map((file) => JSON.parse(readFileSync(file, 'utf8')))
  const unproven = findUnproven(claims, ran)
  for (const problem of unproven) console.error(problem)
  if (ran.length < reports.length) console.error('Run it together with unit, integration and conformance.')
  return { passed: claims.length - unproven.length, failed: unproven.length }
}

const ON_DEMAND = { bench: PARTS.bench }
const scratch = mkdtempSync(join(tmpdir(), 'portcullis-report-'))
let current: ChildProcess | undefined

async function main(args: string[]): Promise<boolean> {
  const all: Record<string, Part> = { ...PARTS, ...ON_DEMAND }
  const named = args.filter((arg) => arg in all)
  const filters = args.filter((arg) => !(arg in all))
  const parts = named.length ? named : Object.keys(PARTS).filter((name) => !(name in ON_DEMAND))
  await preparePrismaClient()
  const outcomes: Outcome[] = []
  for (const part of parts) outcomes.push(await runPart(part, all[part]!, filters))
  const empty = named.length ? [] : outcomes.filter((o) => o.passed + o.failed === 0)
  for (const { part } of empty) console.log(`The part ${part} has no tests.`)
  console.log(`\n${formatOutcomes(outcomes)}`)
  return empty.length === 0 && outcomes.every((o) => o.failed === 0)
}

async function runPart(part: string, run: Part, filters: string[]): Promise<Outcome> {
  console.log(`\n── ${part} ${'─'.repeat(60 - part.length)}`)
  const since = monotonicMs()
  const counts = await run(filters).catch((error: Error): Counts => {
    console.error(error.message)
    return { passed: 0, failed: 1 }
  })
  return { part, ...counts, seconds: (monotonicMs() - since) / 1000 }
}

/** A check without tests of its own counts as one. */
async function check(args: string[]): Promise<Counts> {
  const code = await node(args)
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
}

function vitest(project: string, filters: string[], more: Record<string, string> = {}): Promise<Counts> {
  const report = join(scratch, `${project}.json`)
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', project, '--passWithNoTests', ...filters]
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const env = { ...more, ...(project === 'bench' && { PORTCULLIS_BENCH: '1' }) }
  return counted(node([...args, ...reporters], env), report, countVitest)
}

/** The whole product is started for these tests by the same command as a user's, on free ports and a fresh data folder. */
async function playwright(filters: string[]): Promise<Counts> {
  if (!existsSync('tests/e2e') || !readdirSync('tests/e2e').some((name) => name.endsWith('.e2e.ts'))) {
    return { passed: 0, failed: 0 }
  }
  await ensureBrowser()
  const report = join(scratch, 'e2e.json')
  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-e2e-'))
  const env = {
    PORTCULLIS_DATA_DIR: dataDir,
    PORTCULLIS_PORTAL_PORT: String(await freePort()),
    PORTCULLIS_HTTPS_PORT: String(await freePort()),
    PORTCULLIS_POSTGRES_PORT: String(await freePort()),
    PORTCULLIS_TEST_REPORT: report,
  }
  const run = node(['node_modules/@playwright/test/cli.js', 'test', '--pass-with-no-tests', ...filters], env)
  return counted(run, report, countPlaywright).finally(() => rmSync(dataDir, { recursive: true, force: true }))
}

/** A runner that fails without a failed test (or without a report) has failed all the same. */
async function counted<R>(run: Promise<number>, report: string, count: (report: R) => Counts): Promise<Counts> {
  const code = await run
  if (!existsSync(report)) return { passed: 0, failed: code === 0 ? 0 : 1 }
  const counts = count(JSON.parse(readFileSync(report, 'utf8')) as R)
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function node(args: string[], env: Record<string, string> = {}): Promise<number> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
  current = child
  return new Promise((resolve) => {
    child.once('error', () => resolve(1))
    child.once('exit', (code) => resolve(code ?? 1))
  })
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    current?.once('exit', () => process.exit(130))
    // Playwright stops the product that it has started at a Ctrl-C; at a SIGTERM it leaves it running.
    current?.kill('SIGINT') || process.exit(130)
  })
}
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }))

main(process.argv.slice(2)).then(
  (passed) => process.exit(passed ? 0 : 1),
  (error: Error) => {
    console.error(error.message)
    process.exit(1)
  },
)
