import { createServer } from 'node:net'

const LOOPBACK = '127.0.0.1'

/** A port of 127.0.0.1 that nothing listens on. */
export async function freePort(): Promise<number> {
  const port = await tryListen(0, LOOPBACK)
  if (port === undefined) throw new Error('There is no free port left on 127.0.0.1.')
  return port
}

/** Whether `port` can be listened on, at the loopback address and at all addresses. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await tryListen(port, LOOPBACK)) !== undefined && (await tryListen(port)) !== undefined
}

/** Takes the port for a moment; undefined when it cannot be had. */
function tryListen(port: number, host?: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(undefined))
    probe.listen({ port, host }, () => {
      const bound = (probe.address() as { port: number }).port
      probe.close(() => resolve(bound))
    })
  })
}

export type PortWish = {
  /** Environment variable that sets the port. */
  variable: string
  /** What listens there, for messages. */
  what: string
  /** Wished for when the environment says nothing. */
  usual: number
}

/**
 * The port to use: the environment's, where 0 asks for any; else the usual one or the next that is free.
 * @throws Error when the environment insists on a port that is taken.
 */
export async function choosePort(
  wish: PortWish,
  env: Record<string, string | undefined>,
  say: (text: string) => void,
  isFree = isPortFree,
): Promise<number> {
  const set = env[wish.variable]
  if (set !== undefined) {
    const port = Number(set)
    if (port === 0) return freePort()
    if (await isFree(port)) return port
    throw new Error(`Port ${port} for ${wish.what} is taken. Free it, or set ${wish.variable} to another one.`)
  }
  for (let port = wish.usual; port < wish.usual + 100; port++) {
    if (!(await isFree(port))) continue
    if (port !== wish.usual) say(`Port ${wish.usual} is taken: ${wish.what} uses ${port}.`)
    return port
  }
  throw new Error(`No port from ${wish.usual} on is free for ${wish.what}. Set ${wish.variable}.`)
}
