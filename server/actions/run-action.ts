import 'server-only'
import { unstable_rethrow } from 'next/navigation'
import type { z } from 'zod'
import type { Ctx } from '@/server/kernel/context'
import { type AppError, isAppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { log } from '@/server/kernel/log'
import { portalContext } from '@/server/queries/portal-context'
import type { ActionResult } from './result'

/**
 * Runs one server action: parses the input (an action is a public endpoint, whatever the page has checked), opens the
 * person's context, does the work. Never throws to the client: refusals become `{ ok: false, code, message, fields }`,
 * anything else is logged and answered with a correlation id.
 */
export async function runAction<S extends z.ZodType, T>(
  schema: S,
  input: unknown,
  work: (ctx: Ctx, input: z.output<S>) => Promise<T>,
): Promise<ActionResult<T>> {
  const parsed = schema.safeParse(input)
  if (!parsed.success) return invalidInput(parsed.error.issues)
  const correlationId = newId()
  try {
    const ctx = { ...(await portalContext()), correlationId }
    return { ok: true, data: await work(ctx, parsed.data) }
  } catch (error) {
    unstable_rethrow(error)
    if (isAppError(error)) return refusal(error)
    log.error(`action failed, correlation ${correlationId}`, error)
    return {
      ok: false,
      code: 'Unexpected',
      message: `Something broke here and nothing was changed that was not finished. Correlation id: ${correlationId}`,
    }
  }
}

function invalidInput(issues: z.core.$ZodIssue[]): ActionResult<never> {
  const fields: Record<string, string> = {}
  for (const issue of issues) fields[issue.path.join('.')] ??= issue.message
  return { ok: false, code: 'BadParameter', message: issues[0]?.message ?? 'The input is not valid.', fields }
}

function refusal(error: AppError): ActionResult<never> {
  const fields = error.fields ?? (error.field ? { [error.field]: error.publicMessage } : undefined)
  return { ok: false, code: error.code, message: error.publicMessage, fields }
}
