import { createHmac, randomBytes } from 'node:crypto'

/** A fresh secret for signing a webhook: 32 random bytes, base64url. */
export const newWebhookSecret = (): string => randomBytes(32).toString('base64url')

/** `sha256=` and the HMAC-SHA-256 of `timestamp.body` under the secret, hex. @param timestamp seconds since the epoch. */
export const signWebhook = (secret: string, timestamp: number, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
