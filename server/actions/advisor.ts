'use server'
import { z } from 'zod'
import type { ServerAdvice } from '@/server/advisor/contract'
import { advise } from '@/server/advisor/service'
import { READY_MADE } from '@/server/alerts/model/ready-made'
import { saveAlertRule } from '@/server/alerts/service'
import { setLock } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { resourceGroupId } from '@/server/kernel/resource-id'
import { parseKeyIdentifier } from '@/server/keys/model'
import { findVaultByName } from '@/server/keyvault/service'
import { findHsmByName } from '@/server/managed-hsm/service'
import { mend } from './mend-precondition'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const fixInput = z.object({ serverId: z.string().min(1), check: z.string().min(1) })

/** Does what a recommendation offers, by the service that owns it. What that is says the server, not the browser. */
export async function followAdvice(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(fixInput, input, async (ctx, { serverId, check }) => {
    const server = (await advise(ctx)).servers.find((s) => s.serverId === serverId)
    const fix = server?.checks.find((c) => c.id === check)?.fix
    if (!server || !fix) throw new AppError('Conflict', { publicMessage: 'There is nothing left to fix here.' })
    if (fix.kind === 'createAlertRule') await createRule(ctx, server)
    else if (fix.kind === 'lockStore') await lockStore(ctx, server)
    else await mend(ctx, fix.kind, { identityId: '', keyUri: server.keyUri })
    return undefined
  })
}

async function createRule(ctx: Ctx, { subscriptionId, resourceGroup }: ServerAdvice): Promise<void> {
  const made = READY_MADE.find((rule) => rule.name === 'Server Inaccessible')!
  const scopes = [resourceGroupId(subscriptionId, resourceGroup)]
  await saveAlertRule(ctx, { ...made, subscriptionId, resourceGroup, scopes })
}

async function lockStore(ctx: Ctx, { keyUri }: ServerAdvice): Promise<void> {
  const id = parseKeyIdentifier(keyUri)
  const store = id && (await (id.storeType === 'vault' ? findVaultByName : findHsmByName)(ctx, id.storeName))
  if (!store) throw new AppError('VaultNotFound', { publicMessage: 'The key store does not exist any more.' })
  const notes = 'Servers depend on the keys in here.'
  await setLock(ctx, { scope: store.id, name: 'keep-the-keys', level: 'CanNotDelete', notes })
}
