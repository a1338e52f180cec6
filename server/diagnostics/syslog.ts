import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { guardedLookup, isForbiddenAddress } from '@/server/alerts/service'
import type { OutgoingRecord, SendOutcome } from './model'
import { octetCounted, toSyslog } from './rules'

const PORTS: Record<string, number> = { 'udp:': 514, 'tcp:': 601, 'tls:': 6514 }
/** How long a receiver that got everything may take to close its half of the connection. */
const CLOSING_MS = 2000

/**
 * Sends records as RFC 5424 by UDP (RFC 5426), TCP (RFC 6587, octets counted) or TLS (RFC 5425). Syslog has no
 * acknowledgement: by TCP and TLS the records count as accepted once the connection took all of them and was closed
 * without a fault, by UDP once they left.
 * @param ca further authorities, in PEM, that a receiver's certificate may come from.
 */
export async function sendSyslog(
  endpoint: string,
  records: OutgoingRecord[],
  options: { timeoutMs: number; ca?: string },
): Promise<SendOutcome> {
  const url = new URL(endpoint)
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const port = Number(url.port) || PORTS[url.protocol]!
  if (/^[\d.]+$|:/.test(host) && isForbiddenAddress(host))
    return { accepted: false, message: 'The address is never sent to.' }
  const messages = records.map(toSyslog)
  try {
    await (url.protocol === 'udp:'
      ? byDatagrams(host, port, messages)
      : byStream(url.protocol, host, port, messages, options))
    return { accepted: true, message: 'Sent.' }
  } catch (error) {
    return { accepted: false, message: (error as Error).message }
  }
}

async function byDatagrams(host: string, port: number, messages: string[]): Promise<void> {
  const { address, family } = await new Promise<{ address: string; family: number }>((resolve, reject) =>
    guardedLookup(host, {}, (error, found, version) =>
      error ? reject(error) : resolve({ address: String(found), family: version ?? 4 }),
    ),
  )
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  try {
    for (const message of messages)
      await new Promise<void>((resolve, reject) =>
        socket.send(Buffer.from(message), port, address, (error) => (error ? reject(error) : resolve())),
      )
  } finally {
    socket.close()
  }
}

function byStream(
  protocol: string,
  host: string,
  port: number,
  messages: string[],
  { timeoutMs, ca }: { timeoutMs: number; ca?: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const to = { host, port, lookup: guardedLookup }
    const socket = protocol === 'tls:' ? connectTls({ ...to, servername: host, ...(ca && { ca }) }) : connect(to)
    const end = (error?: Error) => {
      clearTimeout(timer)
      socket.destroy()
      if (error) reject(error)
      else resolve()
    }
    let timer = setTimeout(() => end(new Error(`Not sent within ${timeoutMs / 1000} s.`)), timeoutMs)
    socket.once('error', end)
    socket.once('close', () =>
      end(socket.writableFinished ? undefined : new Error('The receiver closed the connection.')),
    )
    socket.once(protocol === 'tls:' ? 'secureConnect' : 'connect', () => {
      socket.resume()
      socket.end(octetCounted(messages), () => {
        clearTimeout(timer)
        timer = setTimeout(() => end(), CLOSING_MS)
      })
    })
  })
}
