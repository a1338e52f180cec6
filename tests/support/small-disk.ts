import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export type SmallDisk = {
  /** Where to put what is to run out of space. */
  folder: string
  /** What the system says when it has. */
  full: RegExp
  /** Lets the space end for a server that runs on it. */
  tighten(pid: number): void
  /** Gives some space back. */
  relieve(pid: number): void
  remove(): void
}

const ran = (command: string, args: string[], uid?: number): boolean =>
  spawnSync(command, args, { uid, gid: uid }).status === 0
/** As whom PostgreSQL runs. */
const OWNER = process.getuid?.() === 0 ? 65534 : undefined

/**
 * A disk with little space: a file system of its own where the machine lets us mount one, else a limit on the size of
 * files, which PostgreSQL takes for the same.
 */
export function makeSmallDisk(under: string, mebibytes: number): SmallDisk {
  const folder = join(under, 'small-disk')
  mkdirSync(folder)
  if (process.getuid?.() === 0 && ran('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=755`, 'none', folder])) {
    const ballast = join(folder, 'ballast')
    return {
      folder,
      full: /No space left on device/,
      tighten: () => writeFileSync(ballast, Buffer.alloc(40 << 20)),
      relieve: () => rmSync(ballast),
      remove: () => void ran('umount', ['-l', folder]),
    }
  }
  chmodSync(folder, 0o755)
  const limit = (pid: number, bytes: string) => {
    if (!ran('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`], OWNER))
      throw new Error('prlimit is needed (util-linux).')
  }
  return {
    folder,
    full: /File too large/,
    tighten: (pid) => limit(pid, String(20 << 20)),
    relieve: (pid) => limit(pid, 'unlimited'),
    remove: () => undefined,
  }
}
