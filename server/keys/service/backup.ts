import { z } from 'zod'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError, invariant, isAppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { rotationPolicyInput } from '../contract'
import { KEY_OPERATIONS, type KeyBundle, type RotationPolicy } from '../model'
import { destroyStore, listKeys, listVersions, nameReserved, planAgenda, sealSecret, withPrivate } from '../service'
import * as store from '../store'
import { bytesOf } from './token'

/** Backups open under the master key and this context alone, whichever key they are of. */
const PURPOSE = 'key-backup'
const FORMAT = 'portcullis-key-backup/1'

const at = z.iso.datetime().transform((text) => new Date(text))
const jwk = z.object({
  kty: z.string(),
  n: z.string().optional(),
  e: z.string().optional(),
  crv: z.string().optional(),
  x: z.string().optional(),
  y: z.string().optional(),
})
const version = z.object({
  version: z.string(),
  kty: z.string(),
  keySize: z.number().nullable(),
  crv: z.string().nullable(),
  publicJwk: jwk,
  keyOps: z.array(z.enum(KEY_OPERATIONS)),
  enabled: z.boolean(),
  notBefore: at.nullable(),
  expires: at.nullable(),
  createdAt: at,
  updatedAt: at,
  tags: z.record(z.string(), z.string()),
  secret: z.base64(),
})
const contents = z.object({
  realm: z.string(),
  name: z.string(),
  policy: rotationPolicyInput.extend({ createdAt: z.string(), updatedAt: z.string() }).nullable(),
  /** Oldest first. */
  versions: z.array(version).min(1),
})
type Contents = z.infer<typeof contents>

const bad = (publicMessage: string) => new AppError('BadParameter', { publicMessage, field: 'value' })

/**
 * All versions of a key with attributes, tags and policy, as bytes that only this installation can open.
 * @param from.realm the stores that a backup may be restored into have the same.
 * @throws AppError `KeyNotFound`, `BadParameter` (more versions than a backup holds).
 */
export async function backupKey(
  ctx: Ctx,
  storeId: string,
  name: string,
  from: { realm: string; maxVersions: number | null },
): Promise<{ key: KeyBundle; blob: Buffer }> {
  const { key, packed } = await packKey(ctx, storeId, name, from.maxVersions)
  const plain = Buffer.from(JSON.stringify({ realm: from.realm, ...packed }))
  try {
    return { key, blob: Buffer.from(ctx.custody.seal(PURPOSE, FORMAT, plain)) }
  } finally {
    plain.fill(0)
  }
}

async function packKey(ctx: Ctx, storeId: string, name: string, maxVersions: number | null) {
  const bundles = await listVersions(ctx, storeId, name)
  const key = bundles[0]
  invariant(key, 'a key has a version')
  if (maxVersions !== null && bundles.length > maxVersions)
    throw bad(`A backup holds at most ${maxVersions} versions; the key ${key.name} has ${bundles.length}.`)
  const found = await store.findKey(ctx.db, storeId, name)
  const versions = []
  for (const bundle of bundles.reverse()) {
    const { keyId: _k, storeId: _s, name: _n, current: _c, deletedAt: _d, scheduledPurgeAt: _p, ...same } = bundle
    versions.push({ ...same, secret: await withPrivate(ctx, bundle, async (half) => bytesOf(half).toString('base64')) })
  }
  return { key, packed: { name: key.name, policy: found?.policy ?? null, versions } }
}

const storeContents = z.array(contents.omit({ realm: true }))

/** Every live key of a store with all that belongs to it, in the clear: seal it at once, and zero it. */
export async function packStore(ctx: Ctx, storeId: string): Promise<Buffer> {
  const packed = []
  for (const { name } of await listKeys(ctx, storeId)) packed.push((await packKey(ctx, storeId, name, null)).packed)
  return Buffer.from(JSON.stringify(packed))
}

/**
 * Makes a store hold exactly the keys that `packStore` packed, or brings one of them back beside those that are there.
 * @param only the one key's name. @returns the names of the keys that came back.
 * @throws AppError `KeyNotFound` (no such key in it), `Conflict`, `KeyIsDeletedButRecoverable` (of the one key).
 */
export async function unpackStore(tx: Ctx, storeId: string, plain: Buffer, only?: string): Promise<string[]> {
  const packed = storeContents.parse(JSON.parse(plain.toString()))
  const chosen = only === undefined ? packed : packed.filter((key) => key.name.toLowerCase() === only.toLowerCase())
  if (only !== undefined && chosen.length === 0)
    throw new AppError('KeyNotFound', { publicMessage: `The backup holds no key ${only}.` })
  if (only === undefined) await destroyStore(tx, storeId)
  for (const key of chosen) await insertCopy(tx, storeId, key)
  return chosen.map((key) => key.name)
}

/**
 * Brings a key back from a backup, under its name and with its versions; a copy independent of the original.
 * @throws AppError `BadParameter` (no backup, or one of another realm), `Conflict`, `KeyIsDeletedButRecoverable`.
 */
export async function restoreKey(
  ctx: Ctx,
  storeId: string,
  blob: Uint8Array,
  into: { realm: string },
): Promise<KeyBundle> {
  const backup = openBackup(ctx, blob)
  if (backup.realm !== into.realm)
    throw bad(
      'The backup was made in another subscription, geography or kind of store. A key is restored only within the same subscription and geography, and an HSM key only into the same security domain.',
    )
  return transact(ctx, (tx) => insertCopy(tx, storeId, backup))
}

/** The name that a backup would restore, for the record of a request; null for what is no backup. */
export function nameInBackup(ctx: Ctx, blob: Uint8Array): string | null {
  try {
    return openBackup(ctx, blob).name
  } catch {
    return null
  }
}

function openBackup(ctx: Ctx, blob: Uint8Array): Contents {
  try {
    const plain = ctx.custody.open(PURPOSE, FORMAT, blob)
    const parsed = contents.parse(JSON.parse(plain.toString()))
    plain.fill(0)
    return parsed
  } catch (cause) {
    if (!isAppError(cause) && !(cause instanceof z.ZodError) && !(cause instanceof SyntaxError)) throw cause
    throw bad('The value is no backup of a key, or it was changed.')
  }
}

async function insertCopy(
  tx: Ctx,
  storeId: string,
  { name, policy, versions }: Omit<Contents, 'realm'>,
): Promise<KeyBundle> {
  const keyId = newId()
  await store.insertKey(tx.db, { id: keyId, tenantId: tx.tenantId, storeId, name, createdAt: tx.now })
  const key = await store.lockKey(tx.db, storeId, name)
  invariant(key, 'the key that was inserted is there')
  if (key.deletedAt) throw nameReserved(key.name)
  if (key.keyId !== keyId)
    throw new AppError('Conflict', {
      publicMessage: `A key with the name ${key.name} exists already; a backup is restored under a name that is free.`,
    })
  for (const { secret, ...attributes } of versions) {
    const bytes = Buffer.from(secret, 'base64')
    const sealedPrivate = sealSecret(tx, { keyId, version: attributes.version }, bytes)
    bytes.fill(0)
    await store.insertVersion(tx.db, keyId, { ...attributes, sealedPrivate })
  }
  if (policy) await store.saveKey(tx.db, keyId, { rotationPolicy: policy satisfies RotationPolicy })
  const current = await store.findVersion(tx.db, key, null)
  invariant(current, 'the versions that were inserted are there')
  await planAgenda(tx, { ...key, policy }, current)
  await announce(tx.db, { tenantId: tx.tenantId, topic: 'keys' })
  return current
}
