'use server'
import { z } from 'zod'
import { markNotificationsSeen } from '@/server/monitor/service'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const seenInput = z.object({ seq: z.number().int().min(0) })

/** Remembers up to which entry of the activity log the person has looked at the bell. */
export async function markSeen(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(seenInput, input, async (ctx, { seq }) => {
    await markNotificationsSeen(ctx, seq)
    return undefined
  })
}
