import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { processIdentity } from '@/server/kernel/processes'

type Holder = { pid: number; identity: string; url?: string }

export type StartLock = {
  /** Tells those who come later where the portal is. */
  announce(url: string): void
  release(): void
}

/**
 * Takes the data folder for this start. The lock of a start that is no more is taken over.
 * @throws Error with the URL of the portal when a start holds the folder.
 */
export function takeStartLock(dataDir: string): StartLock {
  mkdirSync(dataDir, { recursive: true })
  const file = join(dataDir, 'start.lock')
  const holder = readHolder(file)
  if (holder?.identity && holder.identity === processIdentity(holder.pid)) throw new Error(refusal(dataDir, holder))
  if (existsSync(file)) rmSync(file)
  const me: Holder = { pid: process.pid, identity: processIdentity(process.pid) }
  writeFileSync(file, JSON.stringify(me), { flag: 'wx' })
  return {
    announce: (url) => writeFileSync(file, JSON.stringify({ ...me, url } satisfies Holder)),
    release: () => rmSync(file, { force: true }),
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

const refusal = (dataDir: string, { pid, url }: Holder): string =>
  url
    ? `Portcullis already runs on ${dataDir} (process ${pid}): ${url}`
    : `Portcullis is being started on ${dataDir} by process ${pid}.`
