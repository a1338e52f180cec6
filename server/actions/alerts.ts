'use server'
import { z } from 'zod'
import {
  type ActionGroupView,
  type AlertRuleView,
  actionGroupInput,
  alertRuleInput,
  alertStateInput,
  type NewSecrets,
  type ProcessingRuleView,
  processingRuleInput,
} from '@/server/alerts/contract'
import {
  changeAlertState,
  deleteActionGroup,
  deleteAlertRule,
  deleteProcessingRule,
  saveActionGroup,
  saveAlertRule,
  saveProcessingRule,
  testActionGroup,
} from '@/server/alerts/service'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const byId = z.object({ id: z.string().min(1) })

export async function keepAlertRule(input: unknown): Promise<ActionResult<AlertRuleView>> {
  return runAction(alertRuleInput, input, saveAlertRule)
}

export async function removeAlertRule(input: unknown): Promise<ActionResult<boolean>> {
  return runAction(byId, input, (ctx, { id }) => deleteAlertRule(ctx, id))
}

/** The secrets of new webhooks are in this answer and in no other. */
export async function keepActionGroup(
  input: unknown,
): Promise<ActionResult<{ group: ActionGroupView; secrets: NewSecrets }>> {
  return runAction(actionGroupInput, input, saveActionGroup)
}

export async function removeActionGroup(input: unknown): Promise<ActionResult<boolean>> {
  return runAction(byId, input, (ctx, { id }) => deleteActionGroup(ctx, id))
}

export async function tryActionGroup(input: unknown): Promise<ActionResult<string[]>> {
  return runAction(byId, input, (ctx, { id }) => testActionGroup(ctx, id))
}

export async function setAlertState(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(alertStateInput, input, async (ctx, { id, state }) => {
    await changeAlertState(ctx, id, state)
    return undefined
  })
}

export async function keepSilence(input: unknown): Promise<ActionResult<ProcessingRuleView>> {
  return runAction(processingRuleInput, input, saveProcessingRule)
}

export async function removeSilence(input: unknown): Promise<ActionResult<boolean>> {
  return runAction(byId, input, (ctx, { id }) => deleteProcessingRule(ctx, id))
}
