import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { migrate } from '@/prisma/migrate'
import { startEmbeddedPostgres, stopLeftover } from '@/server/cli/embedded-postgres'
import { takeStartLock } from '@/server/cli/start-lock'

declare module 'vitest' {
  export interface ProvidedContext {
    /** The server all tests of a run share: databases are made from here. */
    databaseUrl: string
  }
}

const PREFIX = 'portcullis-test-'
export const TEMPLATE_DATABASE = 'template_migrated'

type Shared = { url: string; stop(): Promise<void>; users: number }
const shared = globalThis as { portcullisTestDatabase?: Promise<Shared> }

/** One server for a run, however many projects take part in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shared.portcullisTestDatabase ??= startShared()
  const server = await shared.portcullisTestDatabase
  server.users++
  project.provide('databaseUrl', server.url)
  return async () => {
    if (--server.users === 0) await server.stop()
  }
}

async function startShared(): Promise<Shared> {
  await removeLeftovers()
  const dataDir = mkdtempSync(join(tmpdir(), PREFIX))
  takeStartLock(dataDir)
  const server = await startEmbeddedPostgres({ dataDir, durable: false })
  await migrate(await server.createDatabase(TEMPLATE_DATABASE))
  const stop = async () => {
    await server.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  return { url: server.url, stop, users: 0 }
}

/** What runs that were killed left behind: servers and folders. */
async function removeLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((n) => n.startsWith(PREFIX))) {
    const dataDir = join(tmpdir(), name)
    try {
      takeStartLock(dataDir)
    } catch {
      continue
    }
    await stopLeftover(dataDir)
    rmSync(dataDir, { recursive: true, force: true })
  }
}
