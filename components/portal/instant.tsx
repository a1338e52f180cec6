'use client'
import { countdownText, instantText, relativeText } from './time-text'
import { useTickingNow } from './use-ticking-now'

const MINUTE_MS = 60_000

/** A virtual instant, absolute, in UTC. */
export function Instant({ at, seconds }: { at: string; seconds?: boolean }) {
  return (
    <time dateTime={at} title={`${instantText(at, true)} UTC (virtual time)`} style={{ whiteSpace: 'nowrap' }}>
      {instantText(at, seconds)}
    </time>
  )
}

/** A virtual instant as seen from virtual now: "5 min ago". Hovering shows the absolute one. */
export function RelativeTime({ at }: { at: string }) {
  const now = useTickingNow(MINUTE_MS / 4)
  return (
    <time dateTime={at} title={`${instantText(at, true)} UTC (virtual time)`} style={{ whiteSpace: 'nowrap' }}>
      {relativeText(Date.parse(at), now)}
    </time>
  )
}

/** Time left until a virtual instant, ticking with the virtual clock; `done` stands there afterwards. */
export function Countdown({ to, done = 'due now' }: { to: string; done?: string }) {
  const now = useTickingNow()
  const left = Date.parse(to) - now
  return (
    <time
      dateTime={to}
      title={`${instantText(to, true)} UTC (virtual time)`}
      // A screen reader must not be told every second.
      aria-live="off"
      style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}
    >
      {left > 0 ? `in ${countdownText(left)}` : done}
    </time>
  )
}
