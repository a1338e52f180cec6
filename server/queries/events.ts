import 'server-only'
import { type Change, listen } from '@/server/kernel/notify'
import { portalTenant } from './portal-context'
import { portalRuntime } from './runtime'

const HEARTBEAT_MS = 15_000

type Heard = Change | 'everything'
type Hub = { streams: Set<(heard: Heard) => void> }

const shared = globalThis as typeof globalThis & { portcullisHub?: Hub }

/** One database listener for each process, however many pages are open. */
function hub(): Hub {
  if (!shared.portcullisHub) {
    const streams: Hub['streams'] = new Set()
    listen(portalRuntime().config.databaseUrl, (heard) => {
      for (const tell of streams) tell(heard)
    })
    shared.portcullisHub = { streams }
  }
  return shared.portcullisHub
}

/**
 * Server-sent events of the tenant: `data: {"topic": ...}` for each change, and `everything` when some may have been
 * missed. A comment every 15 s keeps proxies from closing the stream.
 */
export async function liveEvents(request: Request): Promise<Response> {
  const tenant = await portalTenant()
  if (!tenant) return new Response(null, { status: 503, headers: { 'retry-after': '2' } })
  const { streams } = hub()
  let end = () => {}
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const encoder = new TextEncoder()
      const write = (text: string) => controller.enqueue(encoder.encode(text))
      const tell = (heard: Heard) => {
        if (heard === 'everything') write('data: {"topic":"everything"}\n\n')
        else if (heard.tenantId === tenant.id) write(`data: ${JSON.stringify({ topic: heard.topic })}\n\n`)
      }
      const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS)
      end = () => {
        clearInterval(heartbeat)
        streams.delete(tell)
      }
      request.signal.addEventListener('abort', end)
      streams.add(tell)
      write('retry: 2000\n: hello\n\n')
    },
    cancel: () => end(),
  })
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store, no-transform' }
  return new Response(body, { headers })
}
