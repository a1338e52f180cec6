import { QueryClient } from '@tanstack/react-query'

const FALLBACK_POLL_MS = 30_000

/** Live updates invalidate at once; the slow poll is for when the stream is down. */
export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 5_000, refetchInterval: FALLBACK_POLL_MS, retry: 1 },
    },
  })
}
