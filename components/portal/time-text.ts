const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const SECOND_MS = 1_000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** By so much a page's clock may lag behind: what has just happened seems to lie ahead. */
const LAG_MS = 5 * SECOND_MS

const two = (n: number): string => String(n).padStart(2, '0')

/** `24 Nov 2026, 02:40` in UTC; with seconds when asked. Written out by hand: server and browser must agree to the letter. */
export function instantText(at: string | number, seconds = false): string {
  const d = new Date(at)
  const time = `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}${seconds ? `:${two(d.getUTCSeconds())}` : ''}`
  return `${dateText(at)}, ${time}`
}

export function dateText(at: string | number): string {
  const d = new Date(at)
  return `${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`
}

/** `3 h 20 min`, `12 s`, `5 days`: the two largest units that matter. */
export function spanText(ms: number): string {
  const span = Math.abs(ms)
  if (span < MINUTE_MS) return `${Math.floor(span / SECOND_MS)} s`
  if (span < HOUR_MS) return `${Math.floor(span / MINUTE_MS)} min`
  if (span < DAY_MS) return joined(span, HOUR_MS, 'h', MINUTE_MS, 'min')
  const days = Math.floor(span / DAY_MS)
  return days < 60 ? `${days} ${days === 1 ? 'day' : 'days'}` : `${Math.floor(days / 30)} months`
}

function joined(span: number, big: number, bigUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((span % big) / small)
  return `${Math.floor(span / big)} ${bigUnit}${rest ? ` ${rest} ${smallUnit}` : ''}`
}

/** `5 min ago`, `in 2 h`, `just now`. */
export function relativeText(at: number, now: number): string {
  if (Math.abs(now - at) < MINUTE_MS) return at > now + LAG_MS ? 'in a moment' : 'just now'
  return at > now ? `in ${largestUnit(at - now)}` : `${largestUnit(now - at)} ago`
}

const largestUnit = (span: number): string =>
  span >= HOUR_MS && span < DAY_MS ? `${Math.floor(span / HOUR_MS)} h` : spanText(span)

/** `17 min 16 s`, so that nobody takes it for a time of day; never below zero. */
export function countdownText(ms: number): string {
  const span = Math.max(0, Math.ceil(ms / SECOND_MS) * SECOND_MS)
  return span >= MINUTE_MS && span < HOUR_MS ? joined(span, MINUTE_MS, 'min', SECOND_MS, 's') : spanText(span)
}
