import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runTask } from '@/server/cli/prepare'
import { hashOf, makeWhenChanged } from '@/server/cli/stamps'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'portcullis-unit-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the hash of sources', () => {
  it('changes with a content and with a name, and with nothing else', () => {
    mkdirSync(join(folder, 'app'))
    writeFileSync(join(folder, 'app/page.tsx'), 'one')
    const first = hashOf([join(folder, 'app')])
    expect(hashOf([join(folder, 'app')])).toBe(first)
    writeFileSync(join(folder, 'app/page.tsx'), 'two')
    const second = hashOf([join(folder, 'app')])
    expect(second).not.toBe(first)
    rmSync(join(folder, 'app/page.tsx'))
    writeFileSync(join(folder, 'app/other.tsx'), 'two')
    expect(hashOf([join(folder, 'app')])).not.toBe(second)
  })

  it('leaves out what it is told to', () => {
    writeFileSync(join(folder, 'a.ts'), 'one')
    const skip = (path: string) => path.endsWith('b.ts')
    const before = hashOf([folder], skip)
    writeFileSync(join(folder, 'b.ts'), 'one')
    expect(hashOf([folder], skip)).toBe(before)
  })
})

describe('what is made once', () => {
  it('is made again only for another hash', async () => {
    const make = vi.fn(async () => undefined)
    const stamp = join(folder, 'out/stamp')
    expect(await makeWhenChanged(stamp, 'one', make)).toBe(true)
    expect(await makeWhenChanged(stamp, 'one', make)).toBe(false)
    expect(await makeWhenChanged(stamp, 'two', make)).toBe(true)
    expect(make).toHaveBeenCalledTimes(2)
  })

  it('counts as not made when making it failed', async () => {
    const stamp = join(folder, 'stamp')
    await makeWhenChanged(stamp, 'one', async () => undefined)
    const fail = async () => {
      throw new Error('no')
    }
    await expect(makeWhenChanged(stamp, 'two', fail)).rejects.toThrow('no')
    expect(() => readFileSync(stamp)).toThrow()
  })
})

describe('a task', () => {
  it('that fails hands on all it printed', async () => {
    const { done } = runTask('Counting', ['-e', 'console.log("one"); console.error("two"); process.exit(3)'])
    await expect(done).rejects.toThrow(/Counting failed \(exit code 3\):\n(one\ntwo|two\none)/)
  })

  it('that succeeds is silent', async () => {
    await expect(runTask('Counting', ['-e', 'console.log("one")']).done).resolves.toBeUndefined()
  })
})
