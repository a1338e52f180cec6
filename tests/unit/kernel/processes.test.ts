import { describe, expect, it } from 'vitest'
import { commandLine, processIdentity } from '@/server/kernel/processes'

describe('a process', () => {
  it('is told apart from others by when it started, and has a command line', () => {
    expect(processIdentity(process.pid)).not.toBe('')
    expect(processIdentity(process.pid)).toBe(processIdentity(process.pid))
    expect(commandLine(process.pid)).toContain('node')
  })

  it('that does not exist has neither', () => {
    expect(processIdentity(2 ** 30)).toBe('')
    expect(commandLine(2 ** 30)).toBe('')
  })
})
