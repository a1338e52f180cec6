import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const OLDEST_NODE = [20, 19]
const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/**
 * Gets a bare checkout to the point where TypeScript runs: checks Node, installs packages, then runs `script` in this process.
 * @param {string} script file beside this one
 */
export async function bootstrap(script) {
  checkNode()
  process.chdir(root)
  process.env.NEXT_TELEMETRY_DISABLED = '1'
  installPackages()
  const tsx = await import('tsx/esm/api')
  tsx.register()
  await import(pathToFileURL(join(root, 'server/cli', script)).href)
}

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return
  console.error(`Portcullis needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`)
  process.exit(1)
}

function installPackages() {
  const lock = join(root, 'package-lock.json')
  const stamp = join(root, 'node_modules/.portcullis-lock')
  const wanted = createHash('sha256').update(readFileSync(lock)).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return
  if (!isInstalledByHand(lock)) {
    console.log('Installing packages (the first time this takes some minutes)...')
    // `npm ci` empties the folder first, under the feet of whatever runs from it: for a bare clone only.
    const command = existsSync(join(root, 'node_modules')) ? 'install' : 'ci'
    const args = [command, '--include=dev', '--include=optional', '--no-audit', '--no-fund']
    const { status } = runNpm(args)
    if (status !== 0) {
      console.error('npm could not install the packages: see above.')
      process.exit(1)
    }
  }
  writeFileSync(stamp, createHash('sha256').update(readFileSync(lock)).digest('hex'))
}

/** npm leaves a lock file of its own beside the packages: when it is the newer one, somebody has installed already. */
function isInstalledByHand(lock) {
  const installed = join(root, 'node_modules/.package-lock.json')
  return existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs
}

function runNpm(args) {
  const npm = process.env.npm_execpath
  if (npm) return spawnSync(process.execPath, [npm, ...args], { stdio: 'inherit' })
  return spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' })
}
