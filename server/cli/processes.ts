import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'

const LAST_LINES_MS = 500
const SUPERVISED = resolve(import.meta.dirname, 'supervised.mjs')

export type Running = {
  pid: number | undefined
  /** Resolves with how it ended: `exit code 1`, `signal SIGKILL`. */
  ended: Promise<string>
  /** Asks it to stop, and after the grace period makes it. */
  stop(): Promise<void>
  /** Ends it and all its children at once. */
  kill(): void
}

/** What makes node write its memory, or parts of it, into files when it breaks or is told to. */
const WRITES_MEMORY =
  /^--(heapsnapshot-|heap-prof|abort-on-uncaught-exception|report-|experimental-report|diagnostic-report)/

/** NODE_OPTIONS without what would write memory down: keys are in it while they are used. */
export const withoutDumps = (options = ''): string =>
  options
    .split(/\s+/)
    .filter((option) => option && !WRITES_MEMORY.test(option))
    .join(' ')

/** A command that leaves no core file behind when it crashes, nor do the programs that it starts. */
const withoutCore = (command: string, args: string[]): [string, string[]] =>
  process.platform === 'win32' ? [command, args] : ['/bin/sh', ['-c', 'ulimit -c 0; exec "$0" "$@"', command, ...args]]

/**
 * Starts a Node.js program as a child that ends when we do, and hands its output on line by line. It has a process
 * group of its own: Ctrl-C in the terminal reaches us alone, and we stop things in order; what it started ends with it.
 */
export function spawnNode(
  args: string[],
  env: Record<string, string>,
  onLine: (line: string) => void,
  graceMs: number,
): Running {
  const [command, whole] = withoutCore(process.execPath, ['--import', SUPERVISED, ...args])
  const NODE_OPTIONS = withoutDumps(env.NODE_OPTIONS ?? process.env.NODE_OPTIONS)
  const child = spawn(command, whole, {
    env: { ...process.env, ...env, NODE_OPTIONS, PORTCULLIS_SUPERVISED: 'yes' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: process.platform !== 'win32',
  })
  for (const stream of [child.stdout!, child.stderr!]) createInterface({ input: stream }).on('line', onLine)
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => {
      killGroup(child)
      const how = signal ? `signal ${signal}` : `exit code ${code}`
      child.once('close', () => resolve(how))
      // A grandchild may hold the pipes open for ever; a moment is enough for the last lines.
      setTimeout(() => resolve(how), LAST_LINES_MS).unref()
    })
  })
  const kill = () => killGroup(child)
  return {
    pid: child.pid,
    ended,
    kill,
    async stop() {
      child.kill('SIGTERM')
      const late = setTimeout(kill, graceMs)
      await ended
      clearTimeout(late)
    },
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
