'use server'
import { z } from 'zod'
import type { IdentityView, ResourceGroupView } from '@/server/identity/contract'
import { createManagedIdentity, createResourceGroup } from '@/server/identity/service'
import { findRegion } from '@/server/kernel/regions'
import { createServerInput, encryptionInput, type PreflightView } from '@/server/postgres/contract'
import { createServer, preflight } from '@/server/postgres/service'
import { portalWiring } from '@/server/queries/portal-wiring'
import { mend } from './mend-precondition'
import type { ActionResult } from './result'
import { runAction } from './run-action'

/** Creates a server; the only way that the administrator's password takes. */
export async function createServerAction(
  input: unknown,
): Promise<ActionResult<{ operationId: string; serverId: string }>> {
  return runAction(createServerInput, input, (ctx, valid) => createServer(ctx, portalWiring().keyAccess, valid))
}

const region = z.string().refine((v) => findRegion(v) !== null, 'Choose a region.')
const inSubscription = { subscriptionId: z.string().min(1, 'Choose a subscription.'), location: region }

const newResourceGroup = z.object({ ...inSubscription, name: z.string().min(1, 'Name the resource group.') })

export async function createResourceGroupAction(input: unknown): Promise<ActionResult<ResourceGroupView>> {
  return runAction(newResourceGroup, input, (ctx, group) => createResourceGroup(ctx, { ...group, tags: {} }))
}

const newIdentity = z.object({
  ...inSubscription,
  resourceGroup: z.string().min(1, 'Choose a resource group.'),
  name: z.string().min(1, 'Name the identity.'),
})

export async function createIdentityAction(input: unknown): Promise<ActionResult<IdentityView>> {
  return runAction(newIdentity, input, (ctx, identity) => createManagedIdentity(ctx, { ...identity, tags: {} }))
}

const preflightInput = z.object({ ...inSubscription, geoRedundant: z.boolean(), encryption: encryptionInput })

/** Tests the chosen identities against the chosen keys, with a real wrap and unwrap for each. */
export async function testKeyAccess(input: unknown): Promise<ActionResult<PreflightView[]>> {
  return runAction(preflightInput, input, (ctx, at) => preflight(ctx, portalWiring().keyAccess, at))
}

const mendInput = z.object({
  kind: z.enum(['assignRole', 'grantPolicy', 'enablePurgeProtection', 'allowTrustedServices', 'enableKey']),
  identityId: z.string(),
  keyUri: z.string(),
})

/** Mends one broken precondition, with the person's own rights. */
export async function mendPrecondition(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(mendInput, input, async (ctx, { kind, identityId, keyUri }) => {
    await mend(ctx, kind, { identityId, keyUri })
    return undefined
  })
}
