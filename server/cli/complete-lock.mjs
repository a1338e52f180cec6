#!/usr/bin/env node
// Completes package-lock.json for the platforms that it was not made on: `node server/cli/complete-lock.mjs`.
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const OS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const CPU = ['arm64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'x64']

/**
 * npm leaves out of a lock file the binaries of other platforms that its registry does not offer, and `npm ci` then
 * refuses the file. This adds them: their names say what they are for, and who they are for fetches them by version. Such
 * an entry has no integrity hash.
 * @param {{ packages: Record<string, object> }} lock changed in place
 * @returns {string[]} what was added
 */
export function completeLock(lock) {
  const added = []
  for (const [path, { optionalDependencies }] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(optionalDependencies ?? {})) {
      if (isLocked(lock.packages, path, name)) continue
      lock.packages[`node_modules/${name}`] = stub(name, version, lock.packages[path].dev)
      added.push(`${name}@${version}`)
    }
  }
  const order = ([a], [b]) => (a < b ? -1 : 1)
  lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(order))
  return added
}

/** Whether Node's way of looking for `name` from a package finds an entry. */
function isLocked(packages, path, name) {
  const at = path.lastIndexOf('/node_modules/')
  if (`${path && `${path}/`}node_modules/${name}` in packages) return true
  return path !== '' && isLocked(packages, at < 0 ? '' : path.slice(0, at), name)
}

function stub(name, version, dev) {
  const words = name.split(/[/-]/)
  const os = OS.find((word) => words.includes(word))
  const cpu = CPU.find((word) => words.includes(word))
  if (!os || !cpu) throw new Error(`${name} is not locked, and its name does not say for which platform it is.`)
  const libc = os !== 'linux' ? undefined : /musl/.test(name) ? 'musl' : 'glibc'
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(libc ? { libc: [libc] } : {}),
    optional: true,
    os: [os],
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'))
  const added = completeLock(lock)
  if (added.length) writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`)
  console.log(added.length ? `Added ${added.join(', ')}.` : 'The lock file is complete.')
}
