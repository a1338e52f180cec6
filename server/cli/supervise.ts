import { monotonicMs } from '@/server/kernel/time'
import type { Running } from './processes'

const PATIENCE = 5
const WINDOW_MS = 120_000
const LONGEST_WAIT_MS = 15_000

/**
 * How long to wait before starting again what has just ended, given when it ended (the last time being now); null when
 * it has ended too often within two minutes.
 */
export function restartDelayMs(endedAtMs: number[]): number | null {
  const now = endedAtMs.at(-1)!
  const recent = endedAtMs.filter((at) => now - at < WINDOW_MS).length
  return recent > PATIENCE ? null : Math.min(500 * 2 ** (recent - 1), LONGEST_WAIT_MS)
}

export type Unit = Pick<Running, 'stop' | 'kill'>

/** Starts something and starts it again whenever it ends unasked; tells `onHopeless` when it keeps ending. */
export async function supervise(
  name: string,
  start: () => Promise<Running>,
  say: (text: string) => void,
  onHopeless: (reason: string) => void,
): Promise<Unit> {
  const endedAtMs: number[] = []
  let stopping = false
  let waiting: NodeJS.Timeout | undefined
  let running = await start()
  const watch = async () => {
    const how = await running.ended
    if (!stopping) retry(how)
  }
  const retry = (how: string) => {
    endedAtMs.push(monotonicMs())
    const delayMs = restartDelayMs(endedAtMs)
    if (delayMs === null) return onHopeless(`The ${name} ended ${endedAtMs.length} times (${how}).`)
    say(`The ${name} ended (${how}); starting it again in ${delayMs / 1000} s.`)
    waiting = setTimeout(again, delayMs)
  }
  const again = async () => {
    try {
      running = await start()
    } catch (error) {
      return retry((error as Error).message)
    }
    if (stopping) return running.stop()
    say(`The ${name} was started again.`)
    void watch()
  }
  void watch()
  return {
    async stop() {
      stopping = true
      clearTimeout(waiting)
      await running.stop()
    },
    kill() {
      stopping = true
      clearTimeout(waiting)
      running.kill()
    },
  }
}
