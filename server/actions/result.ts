import type { AppErrorCode } from '@/server/kernel/errors'

/** What every server action answers; it never throws to the client. `fields` maps dotted form paths to messages. */
export type ActionResult<T = undefined> =
  | { ok: true; data: T }
  | { ok: false; code: AppErrorCode | 'Unexpected'; message: string; fields?: Record<string, string> }
