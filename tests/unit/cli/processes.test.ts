import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { spawnNode } from '@/server/cli/processes'
import { processIdentity } from '@/server/kernel/processes'

const FOREVER = 'setInterval(() => undefined, 1000);'
const isGone = (pid: number) => vi.waitUntil(() => processIdentity(pid) === '', { timeout: 10_000 })

/** Starts a child and waits for the first line it prints. */
async function startChild(script: string, graceMs = 10_000) {
  const lines: string[] = []
  const child = spawnNode(['-e', script], {}, (line) => lines.push(line), graceMs)
  await vi.waitUntil(() => lines.length > 0, { timeout: 10_000 })
  return { child, lines }
}

describe('a child', () => {
  it('hands on what it prints and tells how it ended', async () => {
    const lines: string[] = []
    const child = spawnNode(['-e', 'console.log("one\\ntwo"); process.exit(3)'], {}, (line) => lines.push(line), 1000)
    expect(await child.ended).toBe('exit code 3')
    expect(lines).toEqual(['one', 'two'])
  })

  it('is asked to stop before it is made to', async () => {
    const script = `process.on("SIGTERM", () => { console.log("bye"); process.exit(0) }); ${FOREVER} console.log("up")`
    const { child, lines } = await startChild(script)
    await child.stop()
    expect(await child.ended).toBe('exit code 0')
    expect(lines).toEqual(['up', 'bye'])
  })

  it('that does not listen is made to stop when its grace is over', async () => {
    const { child } = await startChild(`process.on("SIGTERM", () => undefined); ${FOREVER} console.log("up")`, 50)
    await child.stop()
    expect(await child.ended).toBe('signal SIGKILL')
  })

  it('takes along what it has started itself', async () => {
    const script = `const c = require("child_process").spawn("sleep", ["1000"]); console.log(c.pid); ${FOREVER}`
    const { child, lines } = await startChild(script)
    await child.stop()
    await isGone(Number(lines[0]))
  })

  it('does not outlive a supervisor that was killed', async () => {
    const file = resolve('tests/support/supervisor-process.ts')
    const supervisor = spawn(process.execPath, ['--import', 'tsx', file], { stdio: ['ignore', 'pipe', 'inherit'] })
    const pid = Number(await new Promise((resolve) => supervisor.stdout.once('data', resolve)))
    expect(processIdentity(pid)).not.toBe('')
    supervisor.kill('SIGKILL')
    await isGone(pid)
  })
})

describe('memory', () => {
  it('of our programs goes into no core file, and node writes it into no file of its own', async () => {
    const lines: string[] = []
    const script =
      "console.log(require('node:fs').readFileSync('/proc/self/limits', 'utf8')); console.log('options:' + process.env.NODE_OPTIONS)"
    const env = {
      NODE_OPTIONS:
        '--max-old-space-size=512 --heapsnapshot-near-heap-limit=3 --report-on-fatalerror --abort-on-uncaught-exception',
    }
    const running = spawnNode(['-e', script], env, (line) => lines.push(line), 1000)
    expect(await running.ended).toBe('exit code 0')
    expect(lines).toContain('options:--max-old-space-size=512')
    if (process.platform === 'linux') expect(lines.find((l) => l.startsWith('Max core file size'))).toMatch(/ 0 +0 /)
  })
})
