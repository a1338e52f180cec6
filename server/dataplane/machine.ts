import { userInfo } from 'node:os'
import { AppError } from '@/server/kernel/errors'
import { findPostgresBinaries, type PostgresBinaries } from '@/server/kernel/postgres-binaries'
import { chooseUnprivileged, closedFolder, ownerFor } from '@/server/kernel/unprivileged'
import type { SealLibrary } from '@/server/storage/model'
import { serversFolder } from './layout'
import type { RunAs } from './template'

/** What databases are run with here. */
export type Machine = {
  available: true
  dataDir: string
  library: string
  binaries: PostgresBinaries
  runAs: RunAs
  /** Who the files must belong to; undefined when they are ours anyway. */
  owner: number | undefined
  /** The operating system user that connects as the superuser. */
  systemUser: string
}

/** Finds out whether and how databases can run on this machine; says why not in words for people. */
export function prepareMachine(dataDir: string, library: SealLibrary): Machine | { available: false; reason: string } {
  if (!library.available) return library
  try {
    const binaries = findPostgresBinaries()
    const paths = [serversFolder(dataDir), binaries.postgres, library.path]
    const how = process.getuid?.() === 0 ? rootWay(paths.slice(1)) : chooseUnprivileged(paths)
    const owner = ownerFor(how)
    const runAs = owner === undefined ? {} : { uid: owner, gid: owner }
    return { available: true, dataDir, library: library.path, binaries, runAs, owner, systemUser: userInfo().username }
  } catch (error) {
    return { available: false, reason: (error as Error).message }
  }
}

/** Under a user namespace another program would stand between us and PostgreSQL, and the key would be handed to that. */
function rootWay(paths: string[]): 'nobody' {
  const closed = paths.map(closedFolder).find((folder) => folder !== undefined)
  if (closed !== undefined) {
    throw new Error(
      `PostgreSQL does not run as root, and the user "nobody" cannot pass through ${closed}. Let others pass (chmod o+x ${closed}), or start Portcullis as an ordinary user.`,
    )
  }
  return 'nobody'
}

/** @throws AppError `DataPlaneUnavailable` with the reason. */
export function usable(machine: Machine | { available: false; reason: string }): Machine {
  if (machine.available) return machine
  throw new AppError('DataPlaneUnavailable', {
    publicMessage: `This installation runs no databases: ${machine.reason}`,
  })
}
