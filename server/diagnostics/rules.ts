import type { OutgoingRecord } from './model'

const BACK_OFF_MS = [1_000, 5_000, 20_000, 60_000, 300_000]

/**
 * Real milliseconds until the next attempt. It is never given up: a receiver that was away for a week gets the week.
 * @param failures those in a row, this one included.
 */
export const backOff = (failures: number): number => BACK_OFF_MS[Math.min(failures, BACK_OFF_MS.length) - 1]!

/** Facility 13, log audit. */
const FACILITY = 13
const SEVERITY = { notice: 5, warning: 4 }

const field = (text: string, most: number) => text.replace(/[^\x21-\x7e]/g, '').slice(0, most) || '-'

/**
 * A record as a message of RFC 5424: the store is the host, the operation the message id, and the record itself, as
 * JSON in UTF-8, the message. Structured data would say the same a second time.
 */
export function toSyslog(record: OutgoingRecord): string {
  const severity = record.resultType === 'Success' ? SEVERITY.notice : SEVERITY.warning
  const host = field(record.resourceId.split('/').at(-1) ?? '', 255)
  const message = field(record.operationName, 32)
  return `<${FACILITY * 8 + severity}>1 ${record.time} ${host} portcullis - ${message} - \ufeff${JSON.stringify(record)}`
}

/** RFC 6587, 3.4.1: each message with its length before it, so that none needs an end of its own. */
export function octetCounted(messages: string[]): Buffer {
  return Buffer.concat(
    messages.flatMap((message) => {
      const bytes = Buffer.from(message)
      return [Buffer.from(`${bytes.length} `), bytes]
    }),
  )
}
