import { DBOS } from '@dbos-inc/dbos-sdk'
import { log } from '@/server/kernel/log'
import { monotonicMs } from '@/server/kernel/time'

/** A lease on the ids of engines. */
type Presence = { held(engineId: string): Promise<boolean>; release(engineId: string): Promise<void> }

/** Real time between two looks; an engine counts as gone when it is missing at both. */
const LOOK_MS = 1500

/**
 * Carries on the operations of engines that are gone. Every engine holds a lease on its own id while it lives, so that
 * one whose id can be taken has lost its connection. Looked at twice, since a living one may be connecting anew; should
 * both work on for a moment, the workflow engine keeps the first outcome of each step, and steps may run twice anyway.
 * @returns a function to be called again and again; most calls do nothing.
 */
export function createTakeover(engineId: string, presence: Presence): () => Promise<void> {
  let lookedMs = Number.NEGATIVE_INFINITY
  let missing = new Set<string>()
  return async () => {
    if (monotonicMs() - lookedMs < LOOK_MS) return
    lookedMs = monotonicMs()
    await presence.held(engineId)
    const pending = await DBOS.listWorkflows({ status: 'PENDING', loadInput: false })
    const others = new Set(pending.map((w) => w.executorId ?? '').filter((id) => id !== '' && id !== engineId))
    const gone = new Set<string>()
    for (const id of others) if (await isGone(presence, id)) gone.add(id)
    for (const id of gone) {
      if (!missing.has(id)) continue
      const left = pending.filter((w) => w.executorId === id).map((w) => w.workflowID)
      log.warn(`engine ${id} is gone: carrying on ${left.length} of its operations`)
      await DBOS.resumeWorkflows(left)
    }
    missing = gone
  }
}

async function isGone(presence: Presence, id: string): Promise<boolean> {
  const free = await presence.held(id)
  if (free) await presence.release(id)
  return free
}
