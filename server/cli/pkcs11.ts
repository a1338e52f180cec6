import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { installDebianPackage } from './system-packages'

const ADDON = 'node_modules/pkcs11js'

/**
 * Builds the addon that speaks PKCS #11, unless it is built. It is left out of the installation on purpose: few have a
 * token, and not everybody has a compiler. node's own headers are taken where they are, so that nothing is fetched.
 * @returns whether it is there now.
 */
export function buildPkcs11(): boolean {
  if (existsSync(join(ADDON, 'build/Release/pkcs11.node'))) return true
  const gyp = findNodeGyp()
  if (!gyp || !existsSync(ADDON)) return false
  const prefix = resolve(dirname(realpathSync(process.execPath)), '..')
  const headers = existsSync(join(prefix, 'include/node/node.h')) ? [`--nodedir=${prefix}`] : []
  console.log('Building the PKCS #11 addon...')
  const { status, stderr } = spawnSync(process.execPath, [gyp, 'rebuild', '-C', ADDON, ...headers], {
    encoding: 'utf8',
  })
  if (status !== 0) console.error(`It could not be built:\n${stderr.split('\n').slice(-12).join('\n')}`)
  return status === 0
}

/** node-gyp as npm brings it. */
function findNodeGyp(): string | undefined {
  const npm = spawnSync('npm', ['root', '-g'], { encoding: 'utf8' }).stdout?.trim() ?? ''
  return [
    join(npm, 'npm/node_modules/node-gyp/bin/node-gyp.js'),
    resolve(dirname(process.execPath), '../lib/node_modules/npm/node_modules/node-gyp/bin/node-gyp.js'),
  ].find((path) => existsSync(path))
}

/** The PKCS #11 module of SoftHSM2; undefined where it is not installed. */
export function findSoftHsm(): string | undefined {
  const libraries = existsSync('/usr/lib') ? readdirSync('/usr/lib').filter((name) => name.includes('-linux-')) : []
  return ['/usr/lib', ...libraries.map((name) => `/usr/lib/${name}`), '/usr/local/lib', '/opt/homebrew/lib']
    .map((folder) => join(folder, 'softhsm/libsofthsm2.so'))
    .find((path) => existsSync(path))
}

/** Sees to it, where that is possible, that the tests of tokens find SoftHSM2 and the addon. */
export function ensureSoftHsm(): string | undefined {
  if (!findSoftHsm() && !installDebianPackage('softhsm2')) return undefined
  return buildPkcs11() ? findSoftHsm() : undefined
}
