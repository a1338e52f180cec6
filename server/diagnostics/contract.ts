import { z } from 'zod'

export const SINK_KINDS = ['webhook', 'syslog', 'otlp'] as const
export type SinkKind = (typeof SINK_KINDS)[number]

const SCHEMES: Record<SinkKind, { schemes: string[]; example: string }> = {
  webhook: { schemes: ['http:', 'https:'], example: 'https://siem.example.com/audit' },
  syslog: { schemes: ['udp:', 'tcp:', 'tls:'], example: 'tls://syslog.example.com:6514' },
  otlp: { schemes: ['http:', 'https:'], example: 'https://otel.example.com:4318/v1/logs' },
}

/** What a receiver's address looks like. */
export const SINK_EXAMPLES: Record<SinkKind, string> = {
  webhook: SCHEMES.webhook.example,
  syslog: SCHEMES.syslog.example,
  otlp: SCHEMES.otlp.example,
}

/** The fault in a receiver's address, in words for the field beside it; null when it may be sent to. */
export function endpointProblem(kind: SinkKind, endpoint: string): string | null {
  const { schemes, example } = SCHEMES[kind]
  if (!URL.canParse(endpoint)) return `Give an address such as ${example}.`
  const url = new URL(endpoint)
  if (!schemes.includes(url.protocol)) return `It begins with ${schemes.map((s) => `${s}//`).join(' or ')}.`
  if (!url.hostname) return `Give an address such as ${example}.`
  if (url.username || url.password)
    return 'Leave user and password out of the address: it is shown to whoever may read.'
  if (/^\[?fe[89ab][0-9a-f]:|^169\.254\./i.test(url.hostname)) return 'Link-local addresses are never sent to.'
  return null
}

export const sinkInput = z
  .object({
    name: z
      .string()
      .trim()
      .regex(/^[\w.-]{1,64}$/, 'A name has 1 to 64 letters, digits, dots, hyphens and underscores.'),
    kind: z.enum(SINK_KINDS),
    endpoint: z.string().trim().max(2048),
    /** What is sent first: what happens from now on, or the whole log from its first record. */
    from: z.enum(['now', 'start']).default('now'),
  })
  .superRefine(({ kind, endpoint }, issue) => {
    const message = endpointProblem(kind, endpoint)
    if (message) issue.addIssue({ code: 'custom', path: ['endpoint'], message })
  })
export type SinkInput = z.input<typeof sinkInput>

/** Where a store's audit records go besides being kept. Never holds the secret of a webhook. */
export type SinkView = {
  storeId: string
  name: string
  kind: SinkKind
  endpoint: string
  createdAt: string
  /** Number of the last record that the receiver took. */
  sentIndex: number
  /** Records that wait. */
  waiting: number
  /** Failures in a row. */
  failures: number
  lastError: string | null
  /** Real time of the next attempt after a failure, in milliseconds since the epoch. */
  retryAtMs: number | null
  /** Real time when the receiver last took something, a test included. */
  deliveredAtMs: number | null
  /** A test was asked for and not sent yet. */
  testing: boolean
}
