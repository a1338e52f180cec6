'use server'
import { z } from 'zod'
import {
  accessPolicy,
  createVaultInput,
  privateEndpointDecision,
  privateEndpointInput,
  updateVaultInput,
} from '@/server/keyvault/contract'
import {
  createPrivateEndpoint,
  createVault,
  decidePrivateEndpoint,
  deletePrivateEndpoint,
  deleteVault,
  purgeVault,
  recoverVault,
  setAccessPolicy,
  updateVault,
} from '@/server/keyvault/service'
import type { ActionResult } from './result'
import { runAction } from './run-action'

type Named = { id: string; name: string }

export async function createVaultAction(input: unknown): Promise<ActionResult<Named>> {
  return runAction(createVaultInput, input, async (ctx, valid) => {
    const { id, name } = await createVault(ctx, valid)
    return { id, name }
  })
}

const vaultChange = z.object({ id: z.string().min(1), patch: updateVaultInput })

/** Network rules, permission model, purge protection, tags. */
export async function changeVault(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(vaultChange, input, async (ctx, { id, patch }) => {
    await updateVault(ctx, id, patch)
    return undefined
  })
}

const policyChange = z.object({ id: z.string().min(1), policy: accessPolicy })

/** Replaces one principal's key permissions; none takes the policy away. */
export async function changeAccessPolicy(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(policyChange, input, async (ctx, { id, policy }) => {
    await setAccessPolicy(ctx, id, policy)
    return undefined
  })
}

const vaultId = z.object({ id: z.string().min(1) })

export async function removeVault(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(vaultId, input, async (ctx, { id }) => {
    await deleteVault(ctx, id)
    return undefined
  })
}

export async function recoverVaultAction(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(vaultId, input, async (ctx, { id }) => {
    await recoverVault(ctx, id)
    return undefined
  })
}

export async function purgeVaultAction(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(vaultId, input, async (ctx, { id }) => {
    await purgeVault(ctx, id)
    return undefined
  })
}

const newEndpoint = vaultId.extend({ endpoint: privateEndpointInput })

/** Makes a private endpoint to a vault; answers whether its connection is approved already. */
export async function createEndpoint(input: unknown): Promise<ActionResult<{ status: string }>> {
  return runAction(newEndpoint, input, async (ctx, { id, endpoint }) => {
    const { status } = await createPrivateEndpoint(ctx, id, endpoint)
    return { status }
  })
}

const namedEndpoint = vaultId.extend({ name: z.string().min(1) })
const decidedEndpoint = namedEndpoint.extend({ decision: privateEndpointDecision })

/** Approves or rejects the connection of a private endpoint. */
export async function decideEndpoint(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(decidedEndpoint, input, async (ctx, { id, name, decision }) => {
    await decidePrivateEndpoint(ctx, id, name, decision)
    return undefined
  })
}

export async function removeEndpoint(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(namedEndpoint, input, async (ctx, { id, name }) => {
    await deletePrivateEndpoint(ctx, id, name)
    return undefined
  })
}
