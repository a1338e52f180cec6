import { chmod, chown, copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '@/server/kernel/errors'
import { PLAIN_FILES, TRANSIENT_FILES } from './model'

const AT_ONCE = 4

export type Owner = { uid: number; gid: number }
export type TreeOptions = {
  /** Who the copies belong to; without it whoever runs this. */
  owner?: Owner
  signal?: AbortSignal
  /** Leaves out files, by their path within the tree. */
  skip?: (path: string) => boolean
}

/** Makes `to` and copies every file of `from` into it with `copy`, a few at a time. `to` must not exist. */
export async function copyTree(
  from: string,
  to: string,
  copy: (from: string, to: string) => Promise<void>,
  options: TreeOptions = {},
): Promise<void> {
  const files: string[] = []
  await mkdir(to, { mode: 0o700 })
  await own(to, options.owner)
  for await (const { path, isFolder } of walk(from)) {
    if (TRANSIENT_FILES.includes(path) || options.skip?.(path)) continue
    if (!isFolder) files.push(path)
    else {
      await mkdir(join(to, path), { mode: 0o700 })
      await own(join(to, path), options.owner)
    }
  }
  await inTurns(files, async (path) => {
    options.signal?.throwIfAborted()
    const target = join(to, path)
    await (PLAIN_FILES.includes(path) ? copyFile(join(from, path), target) : copy(join(from, path), target))
    // What vanished while it was copied has no copy.
    await chmod(target, 0o600).then(() => own(target, options.owner), ignoreMissing)
  })
}

/** Files and folders below a folder, each folder before what is in it. Files that vanish meanwhile are left out. */
export async function* walk(root: string, below = ''): AsyncGenerator<{ path: string; isFolder: boolean }> {
  const entries = await readdir(join(root, below), { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(below, entry.name)
    if (entry.isSymbolicLink()) {
      throw new AppError('SealedStorageUnusable', {
        publicMessage: `${join(root, path)} leads out of the data folder; tablespaces elsewhere are not supported.`,
      })
    }
    if (entry.isDirectory()) {
      yield { path, isFolder: true }
      yield* walk(root, path)
    } else if (entry.isFile()) yield { path, isFolder: false }
  }
}

export function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

async function own(path: string, owner: Owner | undefined): Promise<void> {
  if (owner) await chown(path, owner.uid, owner.gid)
}

async function inTurns<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = [...items].reverse()
  const next = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, next))
}
