import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Command line of a process; empty when there is no such process. */
export const commandLine = (pid: number): string =>
  process.platform === 'linux' ? readProc(pid, 'cmdline') : askPs(pid, 'command=')

/**
 * A text that differs between two processes that had the same number one after the other; empty when there is no such
 * process. In containers numbers come back at every start.
 */
export function processIdentity(pid: number): string {
  if (process.platform !== 'linux') return askPs(pid, 'lstart=')
  const afterName = readProc(pid, 'stat').split(') ').at(-1) ?? ''
  const [state, ...rest] = afterName.split(' ')
  // Field 22 of proc(5): the time the process started, in ticks since boot. A zombie has ended.
  return state === 'Z' ? '' : (rest[18] ?? '')
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

const askPs = (pid: number, column: string): string =>
  (spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '').trim()
