import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Runs a command with its output shown; whether it succeeded. */
export const run = (command: string, args: string[]): boolean =>
  spawnSync(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0

/** Installs a package of Debian's where that can be done without asking: as root, with apt. */
export function installDebianPackage(name: string): boolean {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  return run('sh', ['-c', `apt-get update && apt-get install -y --no-install-recommends ${name}`])
}

const hasPsql = (): boolean => spawnSync('psql', ['--version']).status === 0

/** Sees to it that the tests find the real `psql`. @throws Error that says what to install. */
export function ensurePsql(): void {
  if (hasPsql()) return
  console.log('Installing psql for the tests...')
  if (installDebianPackage('postgresql-client') && hasPsql()) return
  throw new Error(
    'The tests connect with the real psql, and there is none. Install the PostgreSQL client (Debian: postgresql-client; macOS: brew install libpq).',
  )
}
