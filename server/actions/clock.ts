'use server'
import { z } from 'zod'
import { advanceInput, rateInput } from '@/server/clock/contract'
import { requestAdvance, requestAdvanceToNext, setClockRate } from '@/server/clock/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { CLOCK_ADVANCE, CLOCK_SCOPE } from '@/server/queries/clock-permission'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const mayMoveClock = (ctx: Ctx) => authorize(ctx, CLOCK_ADVANCE, CLOCK_SCOPE)

export async function advanceClock(input: unknown): Promise<ActionResult<{ epoch: number }>> {
  return runAction(advanceInput, input, async (ctx, { seconds }) => {
    await mayMoveClock(ctx)
    return { epoch: await requestAdvance(ctx, seconds) }
  })
}

export async function advanceClockToNextEvent(): Promise<ActionResult<{ epoch: number | null }>> {
  return runAction(z.undefined(), undefined, async (ctx) => {
    await mayMoveClock(ctx)
    return { epoch: await requestAdvanceToNext(ctx) }
  })
}

export async function changeClockRate(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(rateInput, input, async (ctx, { rate }) => {
    await mayMoveClock(ctx)
    await setClockRate(ctx, rate)
    return undefined
  })
}
