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
  const child = spawn(process.execPath, ['--import', SUPERVISED, ...args], {
    env: { ...process.env, ...env, PORTCULLIS_SUPERVISED: 'yes' },
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
