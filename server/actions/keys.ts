'use server'
import { z } from 'zod'
import { keyName, rotationPolicyInput } from '@/server/keys/contract'
import { readKeyFile } from '@/server/keys/service/key-files'
import { keysOf } from '@/server/queries/key-stores'
import type { ActionResult } from './result'
import { runAction } from './run-action'

const store = z.object({ type: z.enum(['vault', 'managedhsm']), name: z.string().min(1) })
const instant = z.iso.datetime('Give a date and time.').transform((text) => new Date(text))

const attributes = z.object({
  store,
  name: keyName,
  enabled: z.boolean(),
  notBefore: instant.nullable(),
  expires: instant.nullable(),
  tags: z.record(z.string(), z.string()),
})

const newKey = attributes.extend({
  kty: z.enum(['RSA', 'RSA-HSM', 'EC', 'EC-HSM', 'oct-HSM']),
  keySize: z.number().int().nullable(),
  crv: z.string().nullable(),
  keyOps: z.array(z.string()).optional(),
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

/** A file that a person chose, as it comes from the browser. */
const file = z
  .base64('Choose a file.')
  .min(1, 'Choose a file.')
  .max(6_000_000, 'The file is too large for a key.')
  .transform((text) => Buffer.from(text, 'base64'))

const importedKey = attributes.extend({
  file,
  password: z.string().max(1000),
  /** Asks for hardware protection. */
  hardware: z.boolean(),
  /** Type of the key in a transfer file, which does not say it in the clear. */
  transferredType: z.enum(['RSA-HSM', 'EC-HSM', 'oct-HSM']),
})

/** Brings a key in from a file: PEM, JWK, `.pfx` or `.byok`. Under a name that exists it becomes a new version. */
export async function importKeyAction(input: unknown): Promise<ActionResult<{ version: string }>> {
  return runAction(importedKey, input, async (ctx, valid) => {
    const { store, file, password, hardware, transferredType, ...spec } = valid
    const found = readKeyFile(file, password)
    const keys = keysOf(ctx, store)
    const { version } = await (found.kind === 'transfer'
      ? keys.importTransferred({ ...spec, kty: transferredType, file })
      : keys.import({ ...spec, jwk: found.jwk, hardware }))
    return { version }
  })
}

const backupFile = z.object({ store, file })

/** Brings a key back from a backup of it, under its own name. */
export async function restoreKeyAction(input: unknown): Promise<ActionResult<{ name: string }>> {
  return runAction(backupFile, input, async (ctx, { store, file }) => {
    const { name } = await keysOf(ctx, store).restore(file)
    return { name }
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

/** Answers with a backup of all versions, in base64: bytes that only this installation can open. */
export async function backupKeyAction(input: unknown): Promise<ActionResult<{ file: string }>> {
  return runAction(namedKey, input, async (ctx, { store, key }) => {
    const blob = await keysOf(ctx, store).backup(key)
    return { file: blob.toString('base64') }
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
