import { type ChildProcess, spawn } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PostgresBinaries } from '@/server/kernel/postgres-binaries'
import { serversFolder } from './layout'
import { ADMIN_ROLE, ENGINE_VERSION, MAINTENANCE_DATABASE, SUPERUSER } from './model'

/** Raised when what every new server starts with changes. */
const TEMPLATE_REVISION = 1

/** Roles that administrators have in Azure and may hand on. Never those that read, write or run what lies outside. */
const GRANTED = [
  'pg_monitor',
  'pg_read_all_settings',
  'pg_read_all_stats',
  'pg_stat_scan_tables',
  'pg_signal_backend',
  'pg_checkpoint',
  'pg_maintain',
  'pg_create_subscription',
  'pg_use_reserved_connections',
]

/** One statement a line, as single-user mode reads them. */
const SETUP = [
  `CREATE ROLE ${ADMIN_ROLE} NOLOGIN`,
  `GRANT ${GRANTED.join(', ')} TO ${ADMIN_ROLE} WITH ADMIN OPTION`,
  `ALTER DATABASE postgres OWNER TO ${ADMIN_ROLE}`,
  `CREATE DATABASE ${MAINTENANCE_DATABASE}`,
  `REVOKE ALL ON DATABASE ${MAINTENANCE_DATABASE} FROM PUBLIC`,
  'CREATE DATABASE azure_sys',
]

export type RunAs = { uid?: number; gid?: number }

/**
 * The folder that every new server is a sealed copy of; made at first use. It holds what initdb makes and the roles and
 * databases of the service: nothing of any customer, and so it lies in the clear.
 */
export async function ensureTemplate(dataDir: string, binaries: PostgresBinaries, runAs: RunAs): Promise<string> {
  const folder = join(serversFolder(dataDir), `template-${ENGINE_VERSION}.${TEMPLATE_REVISION}`)
  if (existsSync(folder)) return folder
  const draft = `${folder}.${process.pid}`
  rmSync(draft, { recursive: true, force: true })
  mkdirSync(draft, { mode: 0o700 })
  if (runAs.uid !== undefined) chownSync(draft, runAs.uid, runAs.gid!)
  const options = { ...runAs, cwd: draft, env: serverEnvironment() }
  const initdb = [
    `--pgdata=${draft}`,
    `--username=${SUPERUSER}`,
    '--auth=peer',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--data-checksums',
    '--no-instructions',
    '--no-sync',
  ]
  await finished('initdb', spawn(binaries.initdb, initdb, { ...options, stdio: ['ignore', 'pipe', 'pipe'] }))
  const single = ['--single', '-j', '-F', '-D', draft, 'postgres']
  const setup = spawn(binaries.postgres, single, { ...options, stdio: ['pipe', 'pipe', 'pipe'] })
  setup.stdin!.end(SETUP.map((statement) => `${statement};\n\n`).join(''))
  const said = await finished('the set-up of the template', setup)
  if (/^ERROR|^FATAL/m.test(said)) throw new Error(`The template of new servers could not be made:\n${said}`)
  writeFileSync(join(draft, 'postgresql.auto.conf'), '', { mode: 0o600 })
  try {
    renameSync(draft, folder)
  } catch (error) {
    // Another engine was first.
    if (!existsSync(folder)) throw error
    rmSync(draft, { recursive: true, force: true })
  }
  return folder
}

/** Nothing of ours is handed down: variables like PGDATA or PGOPTIONS would change what the server does. */
export const serverEnvironment = (): NodeJS.ProcessEnv => ({
  NODE_ENV: process.env.NODE_ENV,
  PATH: process.env.PATH,
  LC_ALL: 'C',
  TZ: 'UTC',
})

function finished(what: string, child: ChildProcess): Promise<string> {
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (output += chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${what} failed (${code}):\n${output.trim()}`)),
    )
  })
}
