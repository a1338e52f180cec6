import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { openContext } from '@/server/clock/service'
import { SERVICE_PRINCIPAL } from '@/server/kernel/context'
import type { Custody } from '@/server/kernel/custody'
import type { PrismaClient } from '@/server/kernel/db'
import { log } from '@/server/kernel/log'
import { admitConnection, findServerByName, type Refusal, type ServerDeps } from '@/server/postgres/service'
import { isNearExpiry, issueServerCertificate } from '../certificates'
import { type FirstMessage, fatal, readFirstMessage, startupMessage } from './protocol'
import { routeOf } from './route'
import { joinSession, type Session, sendCancel } from './session'

const HANDSHAKE_TIMEOUT_MS = 30_000
const RENEWAL_CHECK_MS = 12 * 3_600_000
const TLS_HANDSHAKE = 0x16
const ALPN = 'postgresql'

export type Gateway = {
  port: number
  /** Servers that have sessions here. */
  serversInUse(): string[]
  /** Ends all sessions of a server, each with a FATAL that says why. */
  endSessions(serverId: string, why: Refusal): void
  close(): Promise<void>
}

type Env = { db: PrismaClient; custody: Custody; deps: ServerDeps }

/**
 * One port for all databases: TLS, the server by its name, firewall and state, and then every byte through. Plain
 * connections are refused, GSS encryption is declined, cancel requests find the session whose key they bear.
 */
export async function startGateway(init: {
  env: Env
  port: number
  dataDir: string
  hosts: string[]
}): Promise<Gateway> {
  const { env, dataDir } = init
  let certificate = await issueServerCertificate(dataDir)
  let secureContext = createSecureContext(certificate)
  const renewal = setInterval(async () => {
    if (!isNearExpiry(certificate.cert)) return
    certificate = await issueServerCertificate(dataDir)
    secureContext = createSecureContext(certificate)
  }, RENEWAL_CHECK_MS)
  renewal.unref()

  const sessions = new Set<Session>()
  const cancelKeys = new Map<string, string>()
  const sockets = new Set<Socket>()

  function accept(socket: Socket): void {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.setTimeout(HANDSHAKE_TIMEOUT_MS, () => socket.destroy())
    serve(socket).catch((error) => {
      log.error('a connection to the PostgreSQL gateway failed', error)
      socket.destroy()
    })
  }

  async function serve(socket: Socket): Promise<void> {
    const address = socket.remoteAddress ?? ''
    const first = await firstByte(socket)
    if (first === TLS_HANDSHAKE) return overTls(secured(socket), address, true)
    for (;;) {
      const message = await nextMessage(socket)
      if (!message) return
      if (message.kind === 'gssenc') socket.write('N')
      else if (message.kind === 'ssl') {
        socket.write('S')
        return overTls(secured(socket), address, false)
      } else return refusePlain(socket, message, address)
    }
  }

  /** Old clients send their cancel requests without TLS; everything else must have it. */
  function refusePlain(socket: Socket, message: FirstMessage, address: string): void {
    if (message.kind === 'cancel') cancel(socket, message)
    else if (message.kind === 'startup') refuseWithoutTls(socket, message, address)
    else socket.destroy()
  }

  function refuseWithoutTls(
    socket: Socket,
    message: Extract<FirstMessage, { kind: 'startup' }>,
    address: string,
  ): void {
    const user = message.parameters.get('user') ?? ''
    const database = message.parameters.get('database') ?? user
    refuse(socket, {
      sqlState: '28000',
      message: `no pg_hba.conf entry for host "${address}", user "${user}", database "${database}", no encryption`,
      hint: 'Connections need TLS: add sslmode=require.',
    })
  }

  function secured(socket: Socket): TLSSocket {
    const tls = new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: [ALPN] })
    tls.on('error', () => tls.destroy())
    return tls
  }

  async function overTls(tls: TLSSocket, address: string, direct: boolean): Promise<void> {
    const message = await nextMessage(tls)
    if (!message) return
    if (message.kind === 'cancel') return cancel(tls, message)
    if (message.kind !== 'startup' || (direct && tls.alpnProtocol !== ALPN)) {
      tls.destroy()
      return
    }
    await open(tls, message, address)
  }

  async function open(
    tls: TLSSocket,
    startup: Extract<FirstMessage, { kind: 'startup' }>,
    address: string,
  ): Promise<void> {
    const sni = (tls as TLSSocket & { servername?: string | false }).servername || null
    const route = routeOf(sni, startup.parameters)
    if (!route) return refuse(tls, NO_SERVER_NAMED)
    const server = await findServerByName(env.db, route.server)
    if (!server) return refuse(tls, unknownServer(route.server))
    const ctx = await openContext({
      db: env.db,
      custody: env.custody,
      tenantId: server.tenantId,
      principal: SERVICE_PRINCIPAL,
      caller: { address },
    })
    const user = route.parameters.get('user') ?? ''
    const database = route.parameters.get('database') ?? user
    const admission = await admitConnection(ctx, env.deps, server, { address, user, database })
    if (!admission.admitted) return refuse(tls, admission)
    const { path } = admission.endpoint
    const done = env.deps.dataPlane?.use(server.id)
    let opened: Session | undefined
    const keys: string[] = []
    tls.setTimeout(0)
    try {
      await joinSession({
        serverId: server.id,
        client: tls,
        path,
        startup: startupMessage(startup.version, route.parameters),
        onOpen(session) {
          opened = session
          sessions.add(session)
        },
        onKey(key) {
          keys.push(key)
          cancelKeys.set(key, path)
        },
      })
    } catch {
      refuse(tls, {
        sqlState: '57P03',
        message: `server "${server.name}" is starting up or shutting down`,
        hint: 'Try again.',
      })
    } finally {
      done?.()
      if (opened) sessions.delete(opened)
      for (const key of keys) cancelKeys.delete(key)
    }
  }

  function cancel(socket: Socket, message: Extract<FirstMessage, { kind: 'cancel' }>): void {
    const path = cancelKeys.get(message.key)
    if (path) sendCancel(path, message.bytes)
    socket.end()
  }

  const listening = await listenOn(init.hosts, init.port, accept)
  return {
    port: listening.port,
    serversInUse: () => [...new Set([...sessions].map((s) => s.serverId))],
    endSessions(serverId, why) {
      for (const session of sessions) if (session.serverId === serverId) session.end(why)
    },
    async close() {
      clearInterval(renewal)
      const closed = listening.servers.map((server) => new Promise((resolve) => server.close(resolve)))
      for (const session of sessions)
        session.end({ sqlState: '57P01', message: 'terminating connection due to administrator command' })
      for (const socket of sockets) socket.destroySoon()
      await Promise.all(closed)
    },
  }
}

const NO_SERVER_NAMED: Refusal = {
  sqlState: '08004',
  message: 'the connection names no server',
  hint: 'Connect to {server}.postgres.localhost, or add options=-c server={server}, or use user@{server}.',
}

const unknownServer = (name: string): Refusal => ({
  sqlState: '08004',
  message: `there is no server "${name}"`,
  hint: 'Check the name on the server’s page in the portal.',
})

function refuse(socket: Socket, refusal: Refusal): void {
  socket.end(fatal(refusal))
}

/** Looks at the first byte without taking it. */
async function firstByte(socket: Socket): Promise<number | null> {
  const chunk = await nextChunk(socket)
  if (!chunk) return null
  socket.unshift(chunk)
  return chunk[0]!
}

/** The next whole message. Bytes behind it, before its answer, are of nobody who may be trusted: the connection ends. */
async function nextMessage(socket: Socket): Promise<FirstMessage | null> {
  let bytes = Buffer.alloc(0)
  for (;;) {
    const chunk = await nextChunk(socket)
    if (!chunk) return null
    bytes = Buffer.concat([bytes, chunk])
    const read = readFirstMessage(bytes)
    if (!read) continue
    if (read.length !== bytes.length) {
      socket.destroy()
      return null
    }
    return read.message
  }
}

/** One chunk, with the socket paused behind it; null at its end. */
function nextChunk(socket: Socket): Promise<Buffer | null> {
  return new Promise((resolve) => {
    const settle = (chunk: Buffer | null) => {
      socket.off('data', onData)
      socket.off('close', onClose)
      socket.off('end', onClose)
      resolve(chunk)
    }
    const onData = (chunk: Buffer) => {
      socket.pause()
      settle(chunk)
    }
    const onClose = () => settle(null)
    socket.on('data', onData)
    socket.once('close', onClose)
    socket.once('end', onClose)
    socket.resume()
  })
}

async function listenOn(hosts: string[], wanted: number, accept: (socket: Socket) => void) {
  const servers: Server[] = []
  let port = wanted
  for (const host of hosts) {
    const server = await bind(host, port, accept).catch((error: NodeJS.ErrnoException) => {
      if (servers.length && (error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT')) return null
      throw error
    })
    if (!server) continue
    servers.push(server)
    port = (server.address() as AddressInfo).port
  }
  return { port, servers }
}

const bind = (host: string, port: number, accept: (socket: Socket) => void): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, accept)
    server.once('error', reject)
    server.listen({ host, port }, () => resolve(server.off('error', reject)))
  })
