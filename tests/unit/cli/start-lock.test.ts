import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { takeStartLock } from '@/server/cli/start-lock'
import { processIdentity } from '@/server/kernel/processes'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-unit-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const hold = (holder: object) => writeFileSync(join(folder, 'start.lock'), JSON.stringify(holder))

describe('the lock on a data folder', () => {
  it('lets one start in, and tells the next where the first one is', () => {
    const lock = takeStartLock(folder)
    expect(() => takeStartLock(folder)).toThrow(`being started on ${folder} by process ${process.pid}`)
    lock.announce('http://localhost:3000')
    expect(() => takeStartLock(folder)).toThrow(/already runs .* http:\/\/localhost:3000/)
    lock.release()
    takeStartLock(folder)
  })

  it('is taken over from a process that is no more', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'])
    const identity = processIdentity(child.pid!)
    hold({ pid: child.pid, identity })
    expect(() => takeStartLock(folder)).toThrow()
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    takeStartLock(folder)
  })

  it('is taken over when its number belongs to another process by now', () => {
    hold({ pid: process.pid, identity: 'a process of before' })
    takeStartLock(folder)
  })

  it('is taken over when it is unreadable', () => {
    writeFileSync(join(folder, 'start.lock'), '{"pid":')
    takeStartLock(folder)
  })
})
