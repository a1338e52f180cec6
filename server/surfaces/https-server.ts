import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createHttpsListener, type Server as HttpsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { log } from '@/server/kernel/log'
import { isNearExpiry, issueServerCertificate } from './certificates'
import type { SurfaceEnv } from './env'

/** A backup of a key with 500 versions fits. */
const MAX_BODY_BYTES = 4 * 1024 * 1024
const RENEWAL_CHECK_MS = 12 * 3_600_000
const TLS_HANDSHAKE = 0x16
/** Longer than clients keep an idle connection, so that none sends a request into one that is being closed. */
const KEEP_ALIVE_MS = 65_000

/** One place of the simulated cloud. The first route that fits host and path serves the request. */
export type HostRoute = {
  /** `management.localhost`, or `*.vault.localhost` for any one label. */
  host: string
  /** Only paths that are this or below it. */
  path?: string
  /** Also answers without TLS on the same port, as the endpoint for managed identities does on a virtual machine. */
  plainHttp?: boolean
  handle(request: Request, env: SurfaceEnv): Promise<Response>
}

export type HttpsHost = { port: number; close(): Promise<void> }

/**
 * Serves all hosts of the simulated cloud on one port of 127.0.0.1 and ::1 (or of `bindAddress`): HTTPS by host name, and HTTP CONNECT to
 * those same names, so that clients which cannot resolve them may take this port for their proxy.
 * @param options.port 0 takes a free one; `env.httpsPort` of every request is the port that is really bound.
 */
export async function createHttpsServer(options: {
  env: Omit<SurfaceEnv, 'caller'>
  port: number
  bindAddress?: string
  dataDir: string
  routes: HostRoute[]
}): Promise<HttpsHost> {
  const { routes } = options
  let certificate = await issueServerCertificate(options.dataDir)
  const env = { ...options.env }
  const tls = createHttpsListener(certificate, listener(routes, env, 'https'))
  tls.keepAliveTimeout = KEEP_ALIVE_MS
  const plain = createHttpServer(
    listener(
      routes.filter((r) => r.plainHttp),
      env,
      'http',
    ),
  )
  plain.on('connect', (request, socket, head) => answerConnect(request, socket as Socket, head, routes, tls))

  const sockets = new Set<Socket>()
  const accept = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    dispatch(socket, tls, plain)
  }
  const { port, servers } = await listen(options.port, options.bindAddress, accept)
  env.httpsPort = port

  const renewal = setInterval(async () => {
    if (!isNearExpiry(certificate.cert)) return
    try {
      certificate = await issueServerCertificate(options.dataDir)
      tls.setSecureContext(certificate)
    } catch (error) {
      log.error('renewing the certificate failed', error)
    }
  }, RENEWAL_CHECK_MS)
  renewal.unref()

  return {
    port,
    async close() {
      clearInterval(renewal)
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)))
      for (const socket of sockets) socket.destroy()
      await Promise.all(closed)
    },
  }
}

/** TLS and plain HTTP come in by the same port and are told apart by their first byte. */
function dispatch(socket: Socket, tls: HttpsServer, plain: ReturnType<typeof createHttpServer>): void {
  socket.once('data', (first: Buffer) => {
    socket.pause()
    socket.unshift(first)
    if (first[0] === TLS_HANDSHAKE) {
      // TLS takes the socket over as it is; were it set flowing again, its first bytes would be lost.
      tls.emit('connection', socket)
      return
    }
    plain.emit('connection', socket)
    socket.resume()
  })
}

/** A tunnel that would lead to one of our hosts ends here: its TLS is served by this very process. */
function answerConnect(
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  routes: HostRoute[],
  tls: HttpsServer,
): void {
  const host = (request.url ?? '').replace(/:\d+$/, '').toLowerCase()
  if (!routes.some((route) => fitsHost(route.host, host))) {
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
    return
  }
  socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
  if (head.length) socket.unshift(head)
  tls.emit('connection', socket)
}

/** Binds the loopback of both families to one port (where the machine has no IPv6, IPv4 alone), or just `address`. */
async function listen(wanted: number, address: string | undefined, accept: (socket: Socket) => void) {
  const bind = (host: string, port: number) =>
    new Promise<Server>((resolve, reject) => {
      const server = createTcpServer({ noDelay: true }, accept)
      server.once('error', reject)
      server.listen({ host, port }, () => resolve(server.off('error', reject)))
    })
  const v4 = await bind(address ?? '127.0.0.1', wanted)
  if (address) return { port: (v4.address() as AddressInfo).port, servers: [v4] }
  const { port } = v4.address() as AddressInfo
  const v6 = await bind('::1', port).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT') return null
    v4.close()
    throw error
  })
  return { port, servers: v6 ? [v4, v6] : [v4] }
}

export function fitsHost(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host
  const rest = pattern.slice(1)
  const label = host.slice(0, -rest.length)
  return host.endsWith(rest) && label !== '' && !label.includes('.')
}

const fitsPath = (route: HostRoute, path: string): boolean =>
  route.path === undefined || path === route.path || path.startsWith(`${route.path}/`)

function listener(routes: HostRoute[], env: Omit<SurfaceEnv, 'caller'>, scheme: 'http' | 'https'): RequestListener {
  const answer = async (request: Request, bindings: HttpBindings): Promise<Response> => {
    try {
      return await route(request, bindings.incoming)
    } catch (error) {
      log.error(`${request.method} ${new URL(request.url).pathname} failed`, error)
      return failure(500, 'InternalServerError', 'An internal error occurred.')
    }
  }
  async function route(request: Request, incoming: IncomingMessage): Promise<Response> {
    const url = new URL(request.url)
    const path = url.pathname.replace(/^\/{2,}/, '/')
    const found = routes.find((r) => fitsHost(r.host, url.hostname) && fitsPath(r, path))
    if (!found)
      return scheme === 'http'
        ? failure(400, 'HttpsRequired', 'This port speaks HTTPS.')
        : failure(421, 'MisdirectedRequest', `Nothing of the simulated cloud is at ${url.hostname}${path}.`)
    const body = await readBody(request)
    if (body === 'too-long')
      return failure(413, 'RequestEntityTooLarge', `A request body has at most ${MAX_BODY_BYTES} bytes.`)
    const { method, headers } = request
    const whole = new Request(request.url, { method, headers, body })
    return found.handle(whole, { ...env, caller: { address: incoming.socket.remoteAddress ?? '' } })
  }
  return getRequestListener((request, bindings) => answer(request, bindings as HttpBindings), {
    overrideGlobalObjects: false,
  })
}

async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer> | undefined | 'too-long'> {
  if (request.method === 'GET' || request.method === 'HEAD' || !request.body) return undefined
  if (Number(request.headers.get('content-length') ?? 0) > MAX_BODY_BYTES) return 'too-long'
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) return 'too-long'
    chunks.push(chunk)
  }
  return length ? Uint8Array.from(Buffer.concat(chunks)) : undefined
}

const failure = (status: number, code: string, message: string): Response =>
  Response.json({ error: { code, message } }, { status })
