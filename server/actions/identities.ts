'use server'
import { z } from 'zod'
import { createManagedIdentity, deleteManagedIdentity, restoreManagedIdentity } from '@/server/identity/service'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const newIdentity = z.object({
  subscriptionId: z.string().min(1, 'Choose a subscription.'),
  resourceGroup: z.string().min(1, 'Choose a resource group.'),
  location: z.string().min(1, 'Choose a region.'),
  name: z.string().min(1, 'Name the identity.'),
  tags: z.record(z.string().max(512), z.string().max(256)),
})

export async function createIdentity(input: unknown): Promise<ActionResult<{ principalId: string }>> {
  return runAction(newIdentity, input, async (ctx, identity) => {
    const { principalId } = await createManagedIdentity(ctx, identity)
    return { principalId }
  })
}

const identityId = z.object({ id: z.string().min(1) })

export async function removeIdentity(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(identityId, input, async (ctx, { id }) => {
    await deleteManagedIdentity(ctx, id)
    return undefined
  })
}

const principal = z.object({ principalId: z.uuid() })

/** Brings a deleted identity back under its old object id. */
export async function restoreIdentity(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(principal, input, async (ctx, { principalId }) => {
    await restoreManagedIdentity(ctx, principalId)
    return undefined
  })
}
