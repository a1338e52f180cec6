'use client'
import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { ClockView } from '@/server/clock/contract'
import { monotonicMs } from '@/server/kernel/time'

const TICK_MS = 250
const SECOND_MS = 1_000

/** Virtual now between two answers of the server. */
type Ticker = {
  subscribe(onTick: () => void): () => void
  now(): number
  anchor(view: ClockView): void
}

/**
 * The clock has to move between two answers of the server, and only the browser knows how long ago it got the last one.
 * Monotonic time, never the date.
 */
function createTicker(initial: ClockView): Ticker {
  let view = initial
  let anchoredAt = monotonicMs()
  // Moves with the ticks only: a snapshot that is another one at each reading would never let React come to rest.
  let nowMs = Date.parse(view.now)
  const listeners = new Set<() => void>()
  let timer: ReturnType<typeof setInterval> | undefined
  const tick = () => {
    const base = Date.parse(view.now)
    nowMs = view.advancingTo ? base : base + view.rate * (monotonicMs() - anchoredAt)
    for (const listener of listeners) listener()
  }
  return {
    now: () => nowMs,
    anchor(next) {
      view = next
      anchoredAt = monotonicMs()
      tick()
    },
    subscribe(onTick) {
      listeners.add(onTick)
      timer ??= setInterval(tick, TICK_MS)
      return () => {
        listeners.delete(onTick)
        if (listeners.size > 0) return
        clearInterval(timer)
        timer = undefined
      }
    },
  }
}

const TickerContext = createContext<{ ticker: Ticker; initialMs: number } | null>(null)

/** Gives everything below it a ticking virtual now; `view` is the server's latest word. */
export function VirtualNowProvider({ view, children }: { view: ClockView; children: ReactNode }) {
  const [state] = useState(() => ({ ticker: createTicker(view), initialMs: Date.parse(view.now) }))
  const last = useRef(view)
  useEffect(() => {
    if (last.current === view) return
    last.current = view
    state.ticker.anchor(view)
  }, [view, state])
  return <TickerContext.Provider value={state}>{children}</TickerContext.Provider>
}

/**
 * Virtual now in milliseconds since the epoch, rounded down to `granularityMs`: a component is drawn again only when
 * the rounded value changes. The server and the first paint show the instant at which the server read the clock.
 */
export function useTickingNow(granularityMs = SECOND_MS): number {
  const state = useContext(TickerContext)
  if (!state) throw new Error('useTickingNow is used outside VirtualNowProvider')
  const round = (ms: number) => Math.floor(ms / granularityMs) * granularityMs
  return useSyncExternalStore(
    state.ticker.subscribe,
    () => round(state.ticker.now()),
    () => round(state.initialMs),
  )
}
