import { createConnection, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { Frames, fatal } from './protocol'

const END_GRACE_MS = 300

export type Session = {
  serverId: string
  /** Ends it with a FATAL between two messages of the server. */
  end(error: { sqlState: string; message: string; detail?: string; hint?: string }): void
}

/**
 * Joins a client to its database: everything passes through, the password exchange too. Resolves when either side is
 * gone; rejects when the database does not take the connection.
 */
export function joinSession(init: {
  serverId: string
  client: TLSSocket
  path: string
  startup: Buffer
  onOpen(session: Session): void
  onKey(key: string): void
}): Promise<void> {
  const { client } = init
  const backend = createConnection({ path: init.path })
  const frames = new Frames(init.onKey)
  let ending: Buffer | null = null

  const finish = (last: Buffer) => {
    client.end(last)
    backend.destroy()
  }
  const session: Session = {
    serverId: init.serverId,
    end(error) {
      if (ending) return
      ending = fatal(error)
      if (frames.atBoundary) return finish(ending)
      // The message under way may still come to its end; else there is nothing more that the client could read.
      setTimeout(() => !client.destroyed && client.destroy(), END_GRACE_MS).unref()
    },
  }
  backend.on('data', (chunk: Buffer) => {
    const end = frames.feed(chunk)
    if (ending) {
      if (end >= 0) {
        client.write(chunk.subarray(0, end))
        finish(ending)
      } else client.write(chunk)
      return
    }
    if (!client.write(chunk)) pauseUntilDrained(backend, client)
  })
  client.on('data', (chunk: Buffer) => {
    if (!backend.write(chunk)) pauseUntilDrained(client, backend)
  })
  client.once('end', () => backend.end())
  backend.once('end', () => client.end())

  return new Promise((resolve, reject) => {
    let open = false
    backend.once('connect', () => {
      open = true
      backend.write(init.startup)
      init.onOpen(session)
      client.resume()
    })
    backend.once('error', (error) => {
      if (!open) return reject(error)
      client.destroy()
    })
    backend.once('close', () => {
      if (open) client.end()
      resolve()
    })
    client.once('close', () => {
      backend.destroy()
      resolve()
    })
  })
}

function pauseUntilDrained(source: Socket, target: Socket): void {
  source.pause()
  target.once('drain', () => source.resume())
}

/** Hands a request to cancel on, as it came. */
export function sendCancel(path: string, bytes: Buffer): void {
  const socket = createConnection({ path }, () => socket.end(bytes))
  socket.on('error', () => undefined)
}
