import type { HorizonKey, HorizonView } from '@/server/monitor/contract/fleet'

const DAY_MS = 86_400_000

/** Spans of time until a version ends, soonest first; each ends where the next begins. */
export const BUCKETS = [
  { id: 'over', label: 'Over', days: 0 },
  { id: 'day', label: '1 day', days: 1 },
  { id: 'week', label: '7 days', days: 7 },
  { id: 'month', label: '30 days', days: 30 },
  { id: 'quarter', label: '90 days', days: 90 },
  { id: 'year', label: '1 year', days: 365 },
  { id: 'later', label: 'Later', days: Number.POSITIVE_INFINITY },
] as const
export type BucketId = (typeof BUCKETS)[number]['id']

export function bucketOf(atMs: number, nowMs: number): BucketId {
  const days = (atMs - nowMs) / DAY_MS
  return BUCKETS.find((b) => days <= b.days)!.id
}

export type BucketCount = { id: BucketId; label: string; expiring: number; rotating: number; servers: number }

/** How many versions end, how many keys rotate, and how many servers depend on the ending ones, by time left. */
export function countBuckets(keys: HorizonKey[], nowMs: number): BucketCount[] {
  const counts = BUCKETS.map(({ id, label }) => ({ id, label, expiring: 0, rotating: 0, servers: new Set<string>() }))
  const at = (iso: string) => counts.find((c) => c.id === bucketOf(Date.parse(iso), nowMs))!
  for (const key of keys) {
    if (key.nextRotation) at(key.nextRotation).rotating++
    if (!key.expires) continue
    const bucket = at(key.expires)
    bucket.expiring++
    for (const server of key.servers) bucket.servers.add(server)
  }
  return counts.map((c) => ({ ...c, servers: c.servers.size }))
}

/** Days before its end from which a key version endangers the servers that it opens. */
const DANGER_DAYS = 30

/** What threatens each server, by its name, even before a check finds out: the way to its data key ends soon, or has. */
export function dangersOf({ keys, now, withoutIdentity }: HorizonView): Map<string, string> {
  const nowMs = Date.parse(now)
  const dangers = new Map<string, string>()
  for (const key of keys) {
    const threat = threatOf(key, nowMs)
    if (threat) for (const server of key.servers) dangers.set(server, threat)
  }
  for (const server of withoutIdentity) dangers.set(server, 'Its identity was deleted')
  return dangers
}

function threatOf({ enabled, expires, key, store, gone }: HorizonKey, nowMs: number): string | null {
  if (gone) return gone === 'store' ? `${store}, which keeps its key, was deleted` : `The key ${key} was deleted`
  if (!enabled) return `The version of ${key} that opens it is disabled`
  if (!expires) return null
  const days = Math.ceil((Date.parse(expires) - nowMs) / DAY_MS)
  if (days > DANGER_DAYS) return null
  return days <= 0
    ? `The version of ${key} that opens it is over`
    : `The version of ${key} that opens it ends in ${days} ${days === 1 ? 'day' : 'days'}`
}
