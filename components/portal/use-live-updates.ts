'use client'
import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Change } from '@/server/kernel/notify'

type Topic = Change['topic'] | 'everything'

/**
 * Which queries a change makes stale, by the first part of their key. The convention: ['session'], ['clock'],
 * ['notifications'], ['servers', ...], ['keys', ...] (vaults, HSMs and their keys), ['identity', ...] (identities and
 * role assignments), ['activity', ...], ['operations', ...], ['resources'], ['fleet', ...], ['alerts', ...], ['metrics', ...], ['advisor', ...].
 */
export const STALE_AFTER: Record<Exclude<Topic, 'everything'>, string[]> = {
  clock: ['clock', 'servers', 'fleet', 'operations'],
  operations: ['operations', 'servers', 'notifications'],
  servers: ['servers', 'fleet', 'resources'],
  keys: ['keys', 'resources', 'fleet'],
  // Another right changes what any list may show.
  identity: [
    ...['identity', 'session', 'clock', 'resources', 'servers', 'keys', 'fleet', 'activity', 'notifications'],
    ...['alerts', 'metrics', 'advisor'],
  ],
  activity: ['activity', 'notifications'],
  agenda: ['clock', 'fleet'],
  resources: ['resources', 'keys', 'identity'],
  alerts: ['alerts', 'notifications'],
  metrics: ['metrics', 'advisor', 'alerts'],
}

const CHANNEL = 'portcullis-live'
const GATHER_MS = 120
const REST_MS = 800

/** Keeps every query of the page fresh by the server's events. Call it once, in the shell. */
export function useLiveUpdates(): void {
  const client = useQueryClient()
  useEffect(() => {
    const invalidate = gather(client)
    const channel = new BroadcastChannel(CHANNEL)
    channel.onmessage = (event: MessageEvent<Topic>) => invalidate(event.data)
    const leave = holdStream((topic) => {
      invalidate(topic)
      channel.postMessage(topic)
    })
    return () => {
      leave()
      channel.close()
    }
  }, [client])
}

/**
 * A sweep announces many changes at once: they are gathered for a moment, so that each query is asked once, and then
 * the next ones for longer, so that a long advance of the clock does not become a stream of requests.
 */
function gather(client: QueryClient): (topic: Topic) => void {
  const stale = new Set<string>()
  let waiting = false
  const flush = () => {
    waiting = stale.size > 0
    if (!waiting) return
    const keys = new Set(stale)
    stale.clear()
    void client.invalidateQueries({ predicate: (q) => keys.has('*') || keys.has(String(q.queryKey[0])) })
    setTimeout(flush, REST_MS)
  }
  return (topic) => {
    for (const key of topic === 'everything' ? ['*'] : (STALE_AFTER[topic] ?? [])) stale.add(key)
    if (waiting) return
    waiting = true
    setTimeout(flush, GATHER_MS)
  }
}

/**
 * One tab holds the stream and tells the others: a browser opens only six connections to a host, and a stream for
 * each tab would soon leave none for the pages.
 */
function holdStream(tell: (topic: Topic) => void): () => void {
  const leaving = new AbortController()
  const hold = () =>
    new Promise<void>((release) => {
      const stream = new EventSource('/api/portal/events')
      let opened = false
      stream.onopen = () => {
        if (opened) tell('everything')
        opened = true
      }
      stream.onmessage = (event) => tell((JSON.parse(event.data) as { topic: Topic }).topic)
      const end = () => {
        stream.close()
        release()
      }
      if (leaving.signal.aborted) end()
      else leaving.signal.addEventListener('abort', end)
    })
  // Web Locks are missing where the page is not a secure context: then each tab holds its own.
  if (navigator.locks) void navigator.locks.request(CHANNEL, { signal: leaving.signal }, hold).catch(() => undefined)
  else void hold()
  return () => leaving.abort()
}
