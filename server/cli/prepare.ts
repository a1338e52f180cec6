import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Running, spawnNode } from './processes'
import { hashOf, makeWhenChanged } from './stamps'

const GRACE_MS = 3_000
const PORTAL_SOURCES = ['app', 'components', 'server', 'prisma/schema', 'public']
const PORTAL_SETTINGS = ['instrumentation.ts', 'next.config.ts', 'tsconfig.json', 'package-lock.json']

/** Where the built portal lies. */
export const portalFolder = (): string => process.env.PORTCULLIS_DIST_DIR ?? '.next'

/** A program that runs to its end, and that a stop can cut short. */
export type Task = { running: Running; done: Promise<void> }

/** Runs a Node.js program silently; when it fails its output becomes the error. */
export function runTask(what: string, args: string[], env: Record<string, string> = {}): Task {
  const lines: string[] = []
  const running = spawnNode(args, env, (line) => lines.push(line), GRACE_MS)
  const done = running.ended.then((how) => {
    if (how !== 'exit code 0') throw new Error(`${what} failed (${how}):\n${lines.join('\n')}`)
  })
  return { running, done }
}

type OnTask = (task: Task) => void

/** Generates the Prisma client when the schema has changed; true when it had to. */
export function preparePrismaClient(onTask: OnTask = () => undefined): Promise<boolean> {
  const hash = hashOf(['prisma/schema', 'prisma.config.ts', 'node_modules/prisma/package.json'])
  return makeWhenChanged('prisma/generated/.stamp', hash, () => {
    const task = runTask('Generating the Prisma client', ['node_modules/prisma/build/index.js', 'generate'])
    onTask(task)
    return task.done
  })
}

/** Builds the portal when any of its sources has changed; true when it had to. */
export function preparePortal(onTask: OnTask = () => undefined): Promise<boolean> {
  const sources = hashOf([...PORTAL_SOURCES, ...PORTAL_SETTINGS], (path) => path.startsWith(join('server', 'cli')))
  return makeWhenChanged(join(portalFolder(), 'portcullis.stamp'), `${sources} ${process.version}`, async () => {
    const task = runTask('Building the portal', ['node_modules/next/dist/bin/next', 'build'], {
      NODE_ENV: 'production',
    })
    onTask(task)
    await task.done
    if (!existsSync(join(portalFolder(), 'BUILD_ID')))
      throw new Error('The build of the portal ended before it was complete.')
  })
}
