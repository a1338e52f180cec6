'use server'
import { z } from 'zod'
import { markInboxSeen } from '@/server/alerts/service'
import { markNotificationsSeen } from '@/server/monitor/service'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const seq = z.number().int().min(0)
const seenInput = z.object({ seq, inboxSeq: seq })

/** Remembers up to which entry of the activity log, and which message of the inbox, the person has looked at the bell. */
export async function markSeen(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(seenInput, input, async (ctx, seen) => {
    await markNotificationsSeen(ctx, seen.seq)
    await markInboxSeen(ctx, seen.inboxSeq)
    return undefined
  })
}
