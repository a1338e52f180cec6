import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** SHA-256 in hex over the names and contents of files and folders; what does not exist counts as absent. */
export function hashOf(paths: string[], skip: (path: string) => boolean = () => false): string {
  const hash = createHash('sha256')
  const add = (path: string): void => {
    if (skip(path) || !existsSync(path)) return
    if (!statSync(path).isDirectory()) {
      hash.update(`${path}\0`).update(readFileSync(path)).update('\0')
      return
    }
    for (const name of readdirSync(path).sort()) add(join(path, name))
  }
  for (const path of paths) add(path)
  return hash.digest('hex')
}

/** Makes something again only when what it is made of has changed. The stamp lies inside the product and goes with it. */
export async function makeWhenChanged(stampFile: string, hash: string, make: () => Promise<void>): Promise<boolean> {
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === hash) return false
  rmSync(stampFile, { force: true })
  await make()
  mkdirSync(dirname(stampFile), { recursive: true })
  writeFileSync(stampFile, hash)
  return true
}
