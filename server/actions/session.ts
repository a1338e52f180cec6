'use server'
import { cookies } from 'next/headers'
import { switchPersonaInput } from '@/server/identity/contract'
import { listPersonas } from '@/server/identity/service'
import { AppError } from '@/server/kernel/errors'
import { PERSONA_COOKIE, signPersona } from '@/server/queries/persona-cookie'
import { serviceContext } from '@/server/queries/portal-context'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const YEAR_SECONDS = 365 * 24 * 3600

/** SIMULATED: nobody signs in; one plays the part of any person of the tenant, with that person's rights. */
export async function switchPersona(input: unknown): Promise<ActionResult<{ displayName: string }>> {
  return runAction(switchPersonaInput, input, async (ctx, { objectId }) => {
    const personas = await listPersonas(await serviceContext(ctx.tenantId))
    const persona = personas.find((p) => p.objectId === objectId)
    if (!persona) {
      throw new AppError('ResourceNotFound', { publicMessage: 'That person is not in this tenant.', field: 'objectId' })
    }
    const token = await signPersona(ctx.custody, ctx.tenantId, objectId)
    const options = { httpOnly: true, sameSite: 'lax', path: '/', maxAge: YEAR_SECONDS } as const
    ;(await cookies()).set(PERSONA_COOKIE, token, options)
    return { displayName: persona.displayName }
  })
}
