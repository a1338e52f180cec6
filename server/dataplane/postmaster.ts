import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { commandLine, processIdentity } from '@/server/kernel/processes'
import { monotonicMs, realSleep } from '@/server/kernel/time'

const POLL_MS = 5
const GONE_TIMEOUT_MS = 30_000

export type Postmaster = {
  pid: number
  startedMs: number
  ready: boolean
  /** False when the engine that started it is no more. */
  owned: boolean
}

/** A setting without effect that says on the command line which engine started the server. */
export const ownerSetting = (): string => `portcullis.engine=${process.pid}.${processIdentity(process.pid)}`

/** The server that runs on a data folder; null when none does, whatever the lock file of a killed one says. */
export function readPostmaster(data: string): Postmaster | null {
  let lines: string[]
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return null
  }
  const pid = Number(lines[0])
  const command = commandLine(pid)
  if (!pid || !command.includes(data) || processIdentity(pid) === '') return null
  const owner = /portcullis\.engine=(\d+)\.(\d+)/.exec(command)
  return {
    pid,
    startedMs: Number(lines[2]) * 1000,
    ready: lines[7]?.trim() === 'ready',
    owned: owner !== null && processIdentity(Number(owner[1])) === owner[2],
  }
}

/** Processes whose parent is `pid`. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => parentOf(child) === pid)
}

function parentOf(pid: number): number {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? ''
    return Number(afterName.split(' ')[1])
  } catch {
    return 0
  }
}

const isSame = ({ pid, identity }: { pid: number; identity: string }): boolean => processIdentity(pid) === identity

/**
 * Ends a server and all its processes at once, without a word of theirs: what they held in memory is gone when this
 * answers. Each has a session of its own, so that no process group holds them all; the postmaster is stopped first, and
 * makes no more of them.
 */
export async function killAll(pid: number): Promise<void> {
  const named = (each: number) => ({ pid: each, identity: processIdentity(each) })
  const postmaster = named(pid)
  if (postmaster.identity === '') return
  signal(pid, 'SIGSTOP')
  const all = [...childrenOf(pid).map(named), postmaster].filter((one) => one.identity !== '')
  for (const one of all) signal(one.pid, 'SIGKILL')
  await untilGone(all)
}

/** Asks a server to end its sessions, write a checkpoint and go; makes it go when it takes too long. */
export async function shutDown(pid: number, timeoutMs: number): Promise<void> {
  const all = [{ pid, identity: processIdentity(pid) }]
  if (all[0]!.identity === '') return
  signal(pid, 'SIGINT')
  const deadline = monotonicMs() + timeoutMs
  while (all.some(isSame)) {
    if (monotonicMs() > deadline) return killAll(pid)
    await realSleep(POLL_MS)
  }
}

async function untilGone(all: { pid: number; identity: string }[]): Promise<void> {
  const deadline = monotonicMs() + GONE_TIMEOUT_MS
  while (all.some(isSame)) {
    if (monotonicMs() > deadline)
      throw new Error(`Processes of PostgreSQL do not end: ${all.filter(isSame).map((one) => one.pid)}`)
    await realSleep(POLL_MS)
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
