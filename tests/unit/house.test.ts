import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const folders = readdirSync(join(ROOT, 'server'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && sources(`server/${entry.name}`).length > 0)
  .map((entry) => entry.name)
/** What stands in server/ itself, and puts the folders together. */
const PUTS_TOGETHER = ['wiring', 'engine']

describe('the folders of server/', () => {
  it.each(folders)('%s has a sign, and it promises no import that the boundary check would refuse', (folder) => {
    expect(signOf(folder).filter((other) => isForbidden(folder, other))).toEqual([])
  })

  it.each(folders)('%s imports no more than its sign says', (folder) => {
    const allowed = signOf(folder)
    expect(importsOf(folder).filter(({ other }) => !allowed.includes(other))).toEqual([])
  })
})

describe('time and randomness', () => {
  const READS_THE_MACHINE = /\b(Date\.now|Math\.random|performance\.now|randomUUID)\b|\bnew Date\(\s*\)/
  const outsideTheKernel = ['server', 'app', 'components', 'prisma']
    .flatMap(sources)
    .filter((file) => !file.startsWith('server/kernel/') && !file.startsWith('prisma/generated/'))

  it('come from the kernel alone', () => {
    const found = outsideTheKernel.flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, i) => (READS_THE_MACHINE.test(line) ? [`${file}:${i + 1}: ${line.trim()}`] : [])),
    )
    expect(found).toEqual([])
  })
})

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/** TypeScript files under a folder, as paths from the root. */
function sources(folder: string): string[] {
  if (!existsSync(join(ROOT, folder))) return []
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|mjs)$/.test(name))
    .map((name) => join(folder, name))
}

/** The folders named on the line `**May import:** kernel, clock` of a folder's README. */
function signOf(folder: string): string[] {
  const file = `server/${folder}/README.md`
  if (!existsSync(join(ROOT, file))) throw new Error(`${file} is missing.`)
  const line = /^\*\*May import:\*\*\s*(.+?)\.?$/m.exec(read(file))?.[1]
  if (!line) throw new Error(`${file} has no line "**May import:** ...".`)
  if (line === 'nothing') return []
  if (line === 'everything') return [...folders, ...PUTS_TOGETHER]
  const names = line.split(',').map((name) => name.trim().replaceAll('`', ''))
  const unknown = names.filter((name) => !folders.includes(name) && !PUTS_TOGETHER.includes(name))
  if (unknown.length) throw new Error(`${file} names what is no folder of server/: ${unknown.join(', ')}.`)
  return names
}

/** What the files of a folder really import from other parts of server/. */
function importsOf(folder: string): { file: string; other: string }[] {
  return sources(`server/${folder}`).flatMap((file) => {
    const { importedFiles } = ts.preProcessFile(read(file))
    const targets = importedFiles.map(({ fileName }) => {
      if (fileName.startsWith('@/')) return fileName.slice(2)
      return fileName.startsWith('.') ? relative(ROOT, resolve(ROOT, file, '..', fileName)) : ''
    })
    const others = targets.flatMap((target) => {
      const [top, name = ''] = target.split('/')
      return top === 'server' && name !== folder ? [name] : []
    })
    return [...new Set(others)].map((other) => ({ file, other }))
  })
}

type Rule = { from: { path?: string }; to: { path?: string; pathNot?: string } }

/** Whether the boundary check refuses every import from one folder into another. */
function isForbidden(folder: string, other: string): boolean {
  const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
    forbidden: (Rule & { name: string })[]
  }
  const target = PUTS_TOGETHER.includes(other) ? `server/${other}.ts` : `server/${other}/service.ts`
  return forbidden
    .filter((rule) => rule.name.startsWith('ladder-'))
    .some(({ from, to }) => {
      const applies = new RegExp(from.path!).test(`server/${folder}/service.ts`)
      return applies && new RegExp(to.path!).test(target) && !new RegExp(to.pathNot!).test(target)
    })
}
