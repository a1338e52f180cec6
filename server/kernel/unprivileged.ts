import { type SpawnOptions, spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/** The user `nobody` of every Unix: it has an entry in passwd, which initdb asks for. */
const NOBODY = 65534
const MAY_PASS = 0o001

/**
 * How to run a program that refuses to run as root.
 * - `same`: we are not root, nothing to do.
 * - `nobody`: under uid and gid 65534.
 * - `namespace`: still as root outside, but `nobody` in a user namespace, so that folders closed to others stay open.
 */
export type Unprivileged = 'same' | 'nobody' | 'namespace'

/**
 * Decides how PostgreSQL can run here, given the paths it must reach.
 * @throws Error naming the folder in the way, and the ways out.
 */
export function chooseUnprivileged(paths: string[], isRoot = process.getuid?.() === 0): Unprivileged {
  if (!isRoot) return 'same'
  const closed = paths.map(closedFolder).find((folder) => folder !== undefined)
  if (closed === undefined) return 'nobody'
  if (namespacesWork()) return 'namespace'
  throw new Error(
    [
      `PostgreSQL does not run as root, and the user "nobody" cannot pass through the folder ${closed}.`,
      'Ways out, any one of them:',
      '  - start Portcullis as an ordinary user',
      `  - let others pass through the folder: chmod o+x ${closed}`,
      '  - move the folder to a place that others may pass, or set PORTCULLIS_DATA_DIR if it is the data folder',
      '  - set DATABASE_URL to a PostgreSQL of your own',
    ].join('\n'),
  )
}

/** The outermost folder above `path` that others may not pass through. */
export function closedFolder(path: string): string | undefined {
  const folders: string[] = []
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    folders.unshift(folder)
    if (folder === dirname(folder)) break
  }
  return folders.find((folder) => (statSync(folder).mode & MAY_PASS) === 0)
}

const NAMESPACE = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`]

function namespacesWork(): boolean {
  return spawnSync(NAMESPACE[0]!, [...NAMESPACE.slice(1), 'true'], { stdio: 'ignore' }).status === 0
}

/** Owner that the files of such a program must have; undefined when they are ours anyway. */
export const ownerFor = (how: Unprivileged): number | undefined =>
  how === 'nobody' ? NOBODY : how === 'namespace' ? 0 : undefined

/** Command, arguments and spawn options that run `program` that way. */
export function unprivilegedCommand(
  how: Unprivileged,
  program: string,
  args: string[],
): { command: string; args: string[]; options: Pick<SpawnOptions, 'uid' | 'gid'> } {
  if (how === 'namespace')
    return { command: NAMESPACE[0]!, args: [...NAMESPACE.slice(1), program, ...args], options: {} }
  return { command: program, args, options: how === 'nobody' ? { uid: NOBODY, gid: NOBODY } : {} }
}
