'use server'
import { z } from 'zod'
import { accessPolicy, createVaultInput, updateVaultInput } from '@/server/keyvault/contract'
import {
  createVault,
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
