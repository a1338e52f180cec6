'use server'
import { z } from 'zod'
import {
  activationInput,
  createManagedHsmInput,
  hsmRoleInput,
  updateManagedHsmInput,
} from '@/server/managed-hsm/contract'
import {
  activateManagedHsm,
  assignHsmRole,
  beginHsmRecovery,
  createManagedHsm,
  deleteManagedHsm,
  purgeManagedHsm,
  recoverManagedHsm,
  removeHsmRoleAssignment,
  updateManagedHsm,
  uploadHsmDomain,
} from '@/server/managed-hsm/service'
import { backupPool, restorePool } from '@/server/managed-hsm/service/pool-backup'
import type { ActionResult } from './result'
import { runAction } from './run-action'

export async function createHsmAction(input: unknown): Promise<ActionResult<{ name: string }>> {
  return runAction(createManagedHsmInput, input, async (ctx, valid) => {
    const { name } = await createManagedHsm(ctx, valid)
    return { name }
  })
}

const hsmChange = z.object({ id: z.string().min(1), patch: updateManagedHsmInput })

/** Network rules, purge protection, tags. */
export async function changeHsm(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(hsmChange, input, async (ctx, { id, patch }) => {
    await updateManagedHsm(ctx, id, patch)
    return undefined
  })
}

const hsmId = z.object({ id: z.string().min(1) })
const activation = hsmId.extend({ activation: activationInput })

/** Answers with the security domain, wrapped to the holders' keys: the only time that the browser gets it. */
export async function activateHsm(input: unknown): Promise<ActionResult<{ securityDomain: string }>> {
  return runAction(activation, input, (ctx, { id, activation }) => activateManagedHsm(ctx, id, activation))
}

/** Answers with the certificate to which the holders of a security domain wrap it for this pool. */
export async function beginRecovery(input: unknown): Promise<ActionResult<{ exchangeCertificate: string }>> {
  return runAction(hsmId, input, (ctx, { id }) => beginHsmRecovery(ctx, id))
}

const upload = hsmId.extend({ blob: z.string().min(1).max(100_000) })

/** Takes in a security domain that a quorum of its holders has wrapped to this pool, and activates the pool. */
export async function uploadDomain(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(upload, input, async (ctx, { id, blob }) => {
    await uploadHsmDomain(ctx, id, blob)
    return undefined
  })
}

const localRole = hsmId.extend({ role: hsmRoleInput })

export async function assignLocalRole(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(localRole, input, async (ctx, { id, role }) => {
    await assignHsmRole(ctx, id, role)
    return undefined
  })
}

const localAssignment = hsmId.extend({ assignmentId: z.string().min(1) })

export async function removeLocalRole(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(localAssignment, input, async (ctx, { id, assignmentId }) => {
    await removeHsmRoleAssignment(ctx, id, assignmentId)
    return undefined
  })
}

export async function removeHsm(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(hsmId, input, async (ctx, { id }) => {
    await deleteManagedHsm(ctx, id)
    return undefined
  })
}

export async function recoverHsm(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(hsmId, input, async (ctx, { id }) => {
    await recoverManagedHsm(ctx, id)
    return undefined
  })
}

export async function purgeHsm(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(hsmId, input, async (ctx, { id }) => {
    await purgeManagedHsm(ctx, id)
    return undefined
  })
}

const poolBackup = hsmId.extend({ container: z.string() })

/** Takes a full backup of a pool: keys and local roles. */
export async function backupHsm(input: unknown): Promise<ActionResult<{ folder: string }>> {
  return runAction(poolBackup, input, async (ctx, { id, container }) => {
    const { folder } = await backupPool(ctx, id, container)
    return { folder }
  })
}

const poolRestore = poolBackup.extend({ folder: z.string().min(1), keyName: z.string().optional() })

/** Replaces a pool's keys and local roles by those of a full backup, or brings one key back from it. */
export async function restoreHsm(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(poolRestore, input, async (ctx, { id, ...source }) => {
    await restorePool(ctx, id, source)
    return undefined
  })
}
