import type { LookupAddress, LookupAllOptions } from 'node:dns'
import { lookup } from 'node:dns'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { realNowMs } from '@/server/kernel/time'
import { webhookProblem } from './contract'
import { signWebhook } from './crypto'
import type { AttemptOutcome } from './model'
import { isWorthRetrying } from './rules'

/** Link-local addresses are where clouds hand out their credentials: nothing of ours goes there. */
export const isForbiddenAddress = (address: string): boolean =>
  !ipaddr.isValid(address) || ['linkLocal', 'multicast', 'broadcast'].includes(ipaddr.process(address).range())

const FORBIDDEN = 'The name leads to an address that is never called.'

/** Resolves a name as usual and refuses where it leads, on every attempt: a name may lead elsewhere the next time. */
export const guardedLookup: LookupFunction = (host, options, done) => {
  const all: LookupAllOptions = { ...options, all: true }
  lookup(host, all, (error, addresses: LookupAddress[]) => {
    if (error) return done(error, '', 0)
    if (addresses.some((a) => isForbiddenAddress(a.address))) return done(new Error(FORBIDDEN), '', 0)
    if (options.all) return done(null, addresses)
    const first = addresses[0]!
    return done(null, first.address, first.family)
  })
}

export type WebhookMessage = { deliveryId: string; address: string; body: string; secret: string | null }

/** Posts a signed message. A 2xx answer is success; redirects are not followed, and nothing of an answer's body is kept. */
export function postWebhook(message: WebhookMessage, timeoutMs: number): Promise<AttemptOutcome> {
  const problem = webhookProblem(message.address)
  const url = problem ? null : new URL(message.address)
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? ''
  if (!url || (ipaddr.isValid(host) && isForbiddenAddress(host))) {
    return Promise.resolve({ succeeded: false, retry: false, answer: null, message: problem ?? FORBIDDEN })
  }
  const timestamp = Math.floor(realNowMs() / 1000)
  const headers: Record<string, string | number> = {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(message.body),
    'user-agent': 'Portcullis-Alerts/1.0',
    'x-portcullis-delivery': message.deliveryId,
    'x-portcullis-timestamp': timestamp,
    ...(message.secret ? { 'x-portcullis-signature': signWebhook(message.secret, timestamp, message.body) } : {}),
  }
  return new Promise((resolve) => {
    const failed = (text: string, retry: boolean) => resolve({ succeeded: false, retry, answer: null, message: text })
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(
      url,
      { method: 'POST', headers, lookup: guardedLookup, signal: AbortSignal.timeout(timeoutMs), agent: false },
      (response) => {
        response.resume()
        const answer = response.statusCode ?? 0
        const succeeded = answer >= 200 && answer < 300
        resolve({ succeeded, retry: isWorthRetrying(answer), answer, message: `HTTP ${answer}` })
      },
    )
    request.on('error', (error) => {
      if (error.message === FORBIDDEN) return failed(FORBIDDEN, false)
      failed(
        error.name === 'AbortError' || error.name === 'TimeoutError'
          ? `No answer in ${timeoutMs / 1000} s.`
          : error.message,
        true,
      )
    })
    request.end(message.body)
  })
}
