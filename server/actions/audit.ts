'use server'
import { z } from 'zod'
import type { ChainReport } from '@/server/activity/model'
import { verifyAudit } from '@/server/activity/service'
import { type SinkView, sinkInput } from '@/server/diagnostics/contract'
import { addSink, removeSink, testSink } from '@/server/diagnostics/service'
import { storeOf } from '@/server/queries/key-stores'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const store = z.object({ type: z.enum(['vault', 'managedhsm']), name: z.string().min(1) })

/** Recomputes the chain of a store's audit records from what lies in the database. */
export async function verifyAuditChain(input: unknown): Promise<ActionResult<ChainReport>> {
  return runAction(store, input, async (ctx, ref) => verifyAudit(ctx, (await storeOf(ctx, ref)).id))
}

const named = store.extend({ setting: z.string() })

/** Sends a store's audit records somewhere; the secret of a webhook is in this answer alone. */
export async function addDiagnosticSetting(
  input: unknown,
): Promise<ActionResult<{ sink: SinkView; secret: string | null }>> {
  const schema = z.object({ store, setting: sinkInput })
  return runAction(schema, input, async (ctx, { store: ref, setting }) =>
    addSink(ctx, (await storeOf(ctx, ref)).id, setting),
  )
}

export async function removeDiagnosticSetting(input: unknown): Promise<ActionResult<null>> {
  return runAction(named, input, async (ctx, { setting, ...ref }) => {
    await removeSink(ctx, (await storeOf(ctx, ref)).id, setting)
    return null
  })
}

/** Has the engine send a test record; how that ended shows in the setting. */
export async function testDiagnosticSetting(input: unknown): Promise<ActionResult<null>> {
  return runAction(named, input, async (ctx, { setting, ...ref }) => {
    await testSink(ctx, (await storeOf(ctx, ref)).id, setting)
    return null
  })
}
