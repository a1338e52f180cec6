import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { newId } from '@/server/kernel/ids'
import { findPostgresBinaries } from '@/server/kernel/postgres-binaries'

const run = promisify(execFile)

const COMPILERS = ['cc', 'gcc', 'clang']
const FLAGS = ['-std=gnu11', '-O2', '-fPIC', '-shared', '-fvisibility=hidden', '-U_FORTIFY_SOURCE', '-Wall', '-Wextra']
const SOURCES = resolve('server/storage/native')
const CACHE = resolve('node_modules/.cache/portcullis')
const IMAGE = 'The container image of the Dockerfile has all of it.'

type Target = { name: string; sources: string[]; flags: string[]; fresh?: boolean }
type Built = { path: string; warnings: string }

/** The library that is loaded under `postgres`. It takes its AES from the libcrypto that `postgres` itself brings. */
export function buildLibrary({ fresh = false } = {}): Promise<Built> {
  const folder = join(dirname(dirname(findPostgresBinaries().postgres)), 'lib')
  const libcrypto = fs.readdirSync(folder).find((name) => name.startsWith('libcrypto.so.'))
  if (!libcrypto) throw new Error(`PostgreSQL's package holds no libcrypto in ${folder}.`)
  return build({
    name: 'seal.so',
    sources: ['cipher.c', 'file.c', 'start.c', 'hooks.c'],
    flags: [join(folder, libcrypto), `-Wl,-rpath,${folder}`, '-ldl', '-lpthread'],
    fresh,
  })
}

/** What Node.js loads to read and write extended attributes. */
export const buildAttributes = (): Promise<Built> =>
  build({ name: 'attributes.node', sources: ['attributes.c'], flags: [] })

/** Why nothing can be built here; undefined when it can. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return `Sealed storage needs Linux, and this is ${process.platform}. ${IMAGE}`
  if (process.arch !== 'x64' && process.arch !== 'arm64')
    return `Sealed storage is made for x64 and arm64, and this is ${process.arch}. ${IMAGE}`
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  if (!header.glibcVersionRuntime)
    return `Sealed storage needs the C library glibc, and this system has another. ${IMAGE}`
  return undefined
}

/** Compiled once for each state of the sources; built beside and renamed, so that nobody sees half a file. */
async function build({ name, sources, flags, fresh }: Target): Promise<Built> {
  const hash = createHash('sha256').update(JSON.stringify([process.arch, FLAGS, flags]))
  for (const file of ['seal.h', ...sources]) hash.update(fs.readFileSync(join(SOURCES, file)))
  const path = join(CACHE, `${hash.digest('hex').slice(0, 16)}-${name}`)
  if (!fresh && fs.existsSync(path)) return { path, warnings: '' }
  fs.mkdirSync(CACHE, { recursive: true })
  const draft = `${path}.${newId()}`
  const files = sources.map((file) => join(SOURCES, file))
  const { stderr } = await compile([...FLAGS, '-o', draft, ...files, ...flags])
  fs.renameSync(draft, path)
  return { path, warnings: stderr }
}

async function compile(args: string[]): Promise<{ stderr: string }> {
  const compilers = process.env.CC ? [process.env.CC] : COMPILERS
  for (const compiler of compilers) {
    try {
      return await run(compiler, args)
    } catch (error) {
      const { code, stderr } = error as { code?: string | number; stderr?: string }
      if (code !== 'ENOENT') throw new Error(`The C compiler "${compiler}" failed:\n${stderr ?? String(error)}`)
    }
  }
  throw new Error(
    `Sealed storage is compiled on this machine, and there is no C compiler (${compilers.join(', ')}). Install one, for example with "apt-get install gcc libc6-dev". ${IMAGE}`,
  )
}
