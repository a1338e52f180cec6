'use server'
import { z } from 'zod'
import type { ChainReport } from '@/server/activity/model'
import { verifyAudit } from '@/server/activity/service'
import { storeOf } from '@/server/queries/key-stores'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const store = z.object({ type: z.enum(['vault', 'managedhsm']), name: z.string().min(1) })

/** Recomputes the chain of a store's audit records from what lies in the database. */
export async function verifyAuditChain(input: unknown): Promise<ActionResult<ChainReport>> {
  return runAction(store, input, async (ctx, ref) => verifyAudit(ctx, (await storeOf(ctx, ref)).id))
}
