'use server'
import { z } from 'zod'
import { keyName, rotationPolicyInput } from '@/server/keys/contract'
import { keysOf } from '@/server/queries/key-stores'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const store = z.object({ type: z.enum(['vault', 'managedhsm']), name: z.string().min(1) })
const instant = z.iso.datetime('Give a date and time.').transform((text) => new Date(text))

const newKey = z.object({
  store,
  name: keyName,
  kty: z.enum(['RSA', 'RSA-HSM', 'EC', 'EC-HSM']),
  keySize: z.number().int().nullable(),
  crv: z.string().nullable(),
  enabled: z.boolean(),
  notBefore: instant.nullable(),
  expires: instant.nullable(),
  tags: z.record(z.string(), z.string()),
  rotationPolicy: rotationPolicyInput.nullable(),
})

/** Makes a key, or a new version of the key that has the name. */
export async function createKeyAction(input: unknown): Promise<ActionResult<{ version: string }>> {
  return runAction(newKey, input, async (ctx, { store, rotationPolicy, ...spec }) => {
    const keys = keysOf(ctx, store)
    const { version } = await keys.create(spec)
    if (rotationPolicy) await keys.setRotationPolicy(spec.name, rotationPolicy)
    return { version }
  })
}

const namedKey = z.object({ store, key: z.string().min(1) })

const versionChange = namedKey.extend({
  version: z.string().min(1),
  patch: z.object({
    enabled: z.boolean().optional(),
    notBefore: instant.nullable().optional(),
    expires: instant.nullable().optional(),
    keyOps: z.array(z.string()).optional(),
  }),
})

export async function changeKeyVersion(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(versionChange, input, async (ctx, { store, key, version, patch }) => {
    await keysOf(ctx, store).update(key, version, patch)
    return undefined
  })
}

export async function rotateKeyAction(input: unknown): Promise<ActionResult<{ version: string }>> {
  return runAction(namedKey, input, async (ctx, { store, key }) => {
    const { version } = await keysOf(ctx, store).rotate(key)
    return { version }
  })
}

const policyChange = namedKey.extend({ policy: rotationPolicyInput })

export async function changeRotationPolicy(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(policyChange, input, async (ctx, { store, key, policy }) => {
    await keysOf(ctx, store).setRotationPolicy(key, policy)
    return undefined
  })
}

export async function removeKey(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(namedKey, input, async (ctx, { store, key }) => {
    await keysOf(ctx, store).remove(key)
    return undefined
  })
}

export async function recoverKeyAction(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(namedKey, input, async (ctx, { store, key }) => {
    await keysOf(ctx, store).recover(key)
    return undefined
  })
}

export async function purgeKeyAction(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(namedKey, input, async (ctx, { store, key }) => {
    await keysOf(ctx, store).purge(key)
    return undefined
  })
}
