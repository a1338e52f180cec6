'use server'
import { z } from 'zod'
import { type LockView, setLockInput } from '@/server/identity/contract'
import { deleteLock, setLock } from '@/server/identity/service'
import type { ActionResult } from './result'
import { runAction } from './run-action'

/** Puts a lock on a scope, or changes the one of that name there. */
export async function saveLock(input: unknown): Promise<ActionResult<LockView>> {
  return runAction(setLockInput, input, setLock)
}

const namedLock = z.object({ scope: z.string().startsWith('/'), name: z.string().min(1) })

export async function removeLock(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(namedLock, input, async (ctx, { scope, name }) => {
    await deleteLock(ctx, scope, name)
    return undefined
  })
}
