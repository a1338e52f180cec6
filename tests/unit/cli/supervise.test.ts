import { describe, expect, it, vi } from 'vitest'
import type { Running } from '@/server/cli/processes'
import { restartDelayMs, supervise } from '@/server/cli/supervise'

describe('the wait before a restart', () => {
  it('doubles while things keep ending', () => {
    expect(restartDelayMs([0])).toBe(500)
    expect(restartDelayMs([0, 1000])).toBe(1000)
    expect(restartDelayMs([0, 1000, 2000])).toBe(2000)
  })

  it('is short again after two quiet minutes', () => {
    expect(restartDelayMs([0, 1000, 2000, 130_000])).toBe(500)
  })

  it('has an end: the sixth end within two minutes is one too many', () => {
    expect(restartDelayMs([0, 1, 2, 3, 4])).toBe(8000)
    expect(restartDelayMs([0, 1, 2, 3, 4, 5])).toBeNull()
  })
})

/** Something that can be made to end, and counts how often it was started. */
function fakeUnit() {
  const ends: ((how: string) => void)[] = []
  const start = async (): Promise<Running> => {
    let end: (how: string) => void = () => undefined
    const ended = new Promise<string>((resolve) => {
      end = resolve
    })
    ends.push(end)
    return { pid: 1, ended, stop: async () => end('signal SIGTERM'), kill: () => end('signal SIGKILL') }
  }
  return { ends, start }
}

describe('what is supervised', () => {
  it('is started again when it ends unasked', async () => {
    vi.useFakeTimers()
    const { ends, start } = fakeUnit()
    const said: string[] = []
    const unit = await supervise('engine', start, (text) => said.push(text), vi.fn())
    ends[0]!('exit code 1')
    await vi.advanceTimersByTimeAsync(500)
    expect(ends).toHaveLength(2)
    expect(said).toEqual([
      'The engine ended (exit code 1); starting it again in 0.5 s.',
      'The engine was started again.',
    ])
    await unit.stop()
    vi.useRealTimers()
  })

  it('stays down when it was stopped', async () => {
    vi.useFakeTimers()
    const { ends, start } = fakeUnit()
    const unit = await supervise('engine', start, vi.fn(), vi.fn())
    await unit.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ends).toHaveLength(1)
    vi.useRealTimers()
  })

  it('stays down when it was stopped during the wait', async () => {
    vi.useFakeTimers()
    const { ends, start } = fakeUnit()
    const unit = await supervise('engine', start, vi.fn(), vi.fn())
    ends[0]!('exit code 1')
    await vi.advanceTimersByTimeAsync(100)
    await unit.stop()
    await vi.advanceTimersByTimeAsync(60_000)
    expect(ends).toHaveLength(1)
    vi.useRealTimers()
  })

  it('is given up when it keeps ending', async () => {
    vi.useFakeTimers()
    const { ends, start } = fakeUnit()
    const giveUp = vi.fn()
    await supervise('engine', start, vi.fn(), giveUp)
    for (let i = 0; i < 6; i++) {
      ends.at(-1)!('exit code 1')
      await vi.advanceTimersByTimeAsync(15_000)
    }
    expect(giveUp).toHaveBeenCalledExactlyOnceWith('The engine ended 6 times (exit code 1).')
    expect(ends).toHaveLength(6)
    vi.useRealTimers()
  })
})
