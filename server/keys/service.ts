import { recordActivity } from '@/server/activity/service'
import type { AgendaHandler } from '@/server/clock/model'
import { schedule, unschedule } from '@/server/clock/service'
import { keyAccessMayChange } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError, invariant } from '@/server/kernel/errors'
import { newId, newVersionId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { parseResourceId, RESOURCE_TYPES, sameId } from '@/server/kernel/resource-id'
import type { RotationPolicyInput } from './contract'
import { generateMaterial, type ImportedMaterial, importMaterial, type KeyMaterial } from './crypto'
import type { PrivateHalf } from './crypto-pool'
import {
  addDays,
  type CryptoOperation,
  type KeyBundle,
  type KeyDetail,
  type KeyKind,
  type RotationLimits,
  type RotationPolicy,
} from './model'
import { type Lend, type Operands, protect, signWith, unprotect, verifyWith } from './operations'
import * as rules from './rules'
import { recordRequest } from './service/audit'
import { tokenOf, toPrivateHalf } from './service/token'
import * as store from './store'

export type NewKey = rules.KeySpec & {
  name: string
  /** Makes `RSA-HSM` and `EC-HSM` keys. */
  hsm: boolean
  /** A key that is there already is given as it is, and gets no version. */
  ifMissing?: boolean
}

const PURPOSE = 'key-material'
type VersionId = Pick<KeyBundle, 'keyId' | 'version'>
const sealContext = ({ keyId, version }: VersionId) => `${keyId}/${version}`

/** A private half as it may lie in the database: it opens for this version of this key alone. */
export const sealSecret = ({ custody }: Ctx, id: VersionId, secret: Uint8Array): Uint8Array<ArrayBuffer> =>
  custody.seal(PURPOSE, sealContext(id), secret)

const keyNotFound = (name: string, version?: string | null) =>
  new AppError('KeyNotFound', {
    publicMessage: `A key with (name/id) ${version ? `${name}/${version}` : name} was not found in this key vault. If you recently deleted this key you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`,
  })

export const nameReserved = (name: string) =>
  new AppError('KeyIsDeletedButRecoverable', {
    publicMessage: `Key ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be recovered or purged.`,
    field: 'name',
  })

async function liveKey(ctx: Ctx, storeId: string, name: string, version?: string | null): Promise<store.StoredKey> {
  const key = await store.findKey(ctx.db, storeId, name)
  if (!key || key.deletedAt) throw keyNotFound(name, version)
  return key
}

async function lockLiveKey(tx: Ctx, storeId: string, name: string): Promise<store.StoredKey> {
  const key = await store.lockKey(tx.db, storeId, name)
  if (!key || key.deletedAt) throw keyNotFound(name)
  return key
}

const changed = (ctx: Ctx) => announce(ctx.db, { tenantId: ctx.tenantId, topic: 'keys' })

/**
 * Makes a key, or a new version of the key that has the name already.
 * @throws AppError `BadParameter`, `KeyTypeUnsupported`, `KeyIsDeletedButRecoverable`.
 */
export async function createKey(ctx: Ctx, storeId: string, spec: NewKey): Promise<KeyBundle> {
  const plan = rules.planKey(spec.name, spec, spec.hsm)
  const existing = await store.findKey(ctx.db, storeId, spec.name)
  if (existing?.deletedAt) throw nameReserved(existing.name)
  const material = await generateMaterial(plan, tokenOf(storeId))
  return transact(ctx, async (tx) => {
    const key = await lockOrInsertKey(tx, storeId, spec.name)
    const there = spec.ifMissing && (await store.findVersion(tx.db, key, null))
    return there || addVersion(tx, key, plan, material)
  })
}

export type ImportedKey = Omit<NewKey, 'kty' | 'keySize' | 'crv'> & { jwk: { kty: string } }

/** Takes in a key made elsewhere, under the same rules and with the same outcome as `createKey`. */
export async function importKey(ctx: Ctx, storeId: string, spec: ImportedKey): Promise<KeyBundle> {
  const kind = rules.keyKind(spec.jwk.kty)
  return importAs(ctx, storeId, { ...spec, kind }, importMaterial(spec.jwk))
}

/** Adds a version from material that has been read already. */
export async function importAs(
  ctx: Ctx,
  storeId: string,
  spec: Omit<ImportedKey, 'jwk'> & { kind: KeyKind },
  { keySize, crv, ...material }: ImportedMaterial,
): Promise<KeyBundle> {
  const isKind = crv ? 'EC' : material.publicJwk.kty
  if (isKind !== spec.kind)
    throw new AppError('BadParameter', {
      publicMessage: `The key is of type '${isKind}', not '${spec.kind}'.`,
      field: 'kty',
    })
  const plan = rules.planKey(spec.name, { ...spec, kty: spec.kind, keySize, crv }, spec.hsm)
  return transact(ctx, async (tx) => addVersion(tx, await lockOrInsertKey(tx, storeId, spec.name), plan, material))
}

export async function lockOrInsertKey(tx: Ctx, storeId: string, name: string): Promise<store.StoredKey> {
  await store.insertKey(tx.db, { id: newId(), tenantId: tx.tenantId, storeId, name, createdAt: tx.now })
  const key = await store.lockKey(tx.db, storeId, name)
  invariant(key, 'the key that was inserted is there')
  if (key.deletedAt) throw nameReserved(key.name)
  return key
}

type VersionAttributes = Omit<rules.KeyPlan, 'kind'>

async function addVersion(
  tx: Ctx,
  key: store.StoredKey,
  attributes: VersionAttributes,
  material: KeyMaterial,
): Promise<KeyBundle> {
  const version = newVersionId()
  const { kty, keySize, crv, keyOps, enabled, notBefore, expires, tags } = attributes
  await store.insertVersion(tx.db, key.keyId, {
    version,
    ...{ kty, keySize, crv, keyOps, enabled, notBefore, expires, tags },
    publicJwk: material.publicJwk,
    sealedPrivate: sealSecret(tx, { keyId: key.keyId, version }, material.secret),
    createdAt: tx.now,
    updatedAt: tx.now,
  })
  material.secret.fill(0)
  const bundle = await store.findVersion(tx.db, key, null)
  invariant(bundle, 'the version that was inserted is there')
  await planAgenda(tx, key, bundle)
  await keyAccessMayChange(tx, { storeId: key.storeId })
  await changed(tx)
  return bundle
}

/** @throws AppError `KeyNotFound`, also for a key that is soft-deleted. */
export async function getKey(ctx: Ctx, storeId: string, name: string, version?: string | null): Promise<KeyBundle> {
  const key = await liveKey(ctx, storeId, name, version)
  const bundle = await store.findVersion(ctx.db, key, version || null)
  if (!bundle) throw keyNotFound(name, version)
  return bundle
}

/** All versions of a live key, newest first, or null when there is none of that name. */
export async function findKey(ctx: Ctx, storeId: string, name: string): Promise<KeyBundle[] | null> {
  const key = await store.findKey(ctx.db, storeId, name)
  return key && !key.deletedAt ? store.findVersions(ctx.db, key) : null
}

/** The newest version of each key, by name; `page.after` is the name of the last key of the page before. */
export const listKeys = (ctx: Ctx, storeId: string, page: store.Page = {}): Promise<KeyBundle[]> =>
  store.findCurrentVersions(ctx.db, storeId, false, page)

/** All versions, newest first. */
export async function listVersions(ctx: Ctx, storeId: string, name: string): Promise<KeyBundle[]> {
  return store.findVersions(ctx.db, await liveKey(ctx, storeId, name))
}

/** A key with its versions and its rotation, for pages. */
export async function describeKey(ctx: Ctx, storeId: string, name: string): Promise<KeyDetail> {
  const key = await liveKey(ctx, storeId, name)
  return toDetail(key, await store.findVersions(ctx.db, key))
}

export async function describeKeys(ctx: Ctx, storeId: string): Promise<KeyDetail[]> {
  return (await store.findKeysWithVersions(ctx.db, storeId)).map(({ key, versions }) => toDetail(key, versions))
}

const toDetail = (key: store.StoredKey, versions: KeyBundle[]): KeyDetail => ({
  versions,
  rotationPolicy: key.policy,
  nextRotationAt: versions[0] ? rules.rotationDueAt(key.policy, versions[0]) : null,
})

export type KeyPatch = {
  enabled?: boolean
  /** Null removes the bound; absent leaves it. */
  notBefore?: Date | null
  expires?: Date | null
  keyOps?: string[]
  tags?: Record<string, string>
}

/**
 * Changes attributes of a version (null: the current one); a disabled or expired one may be changed too.
 * @throws AppError `KeyNotFound`, `BadParameter`.
 */
export async function updateKeyVersion(
  ctx: Ctx,
  storeId: string,
  name: string,
  version: string | null,
  patch: KeyPatch,
): Promise<KeyBundle> {
  const keyOps = rules.checkKeyOps(patch.keyOps)
  const tags = patch.tags && rules.checkTags(patch.tags)
  return transact(ctx, async (tx) => {
    const key = await lockLiveKey(tx, storeId, name)
    const before = await store.findVersion(tx.db, key, version)
    if (!before) throw keyNotFound(name, version)
    const notBefore = patch.notBefore === undefined ? before.notBefore : patch.notBefore
    const expires = patch.expires === undefined ? before.expires : patch.expires
    rules.checkWindow(notBefore, expires)
    if (keyOps) rules.checkTransfer(keyOps, before.kty)
    const { enabled } = patch
    await store.saveVersion(tx.db, before, { enabled, notBefore, expires, keyOps, tags, updatedAt: tx.now })
    const after = await store.findVersion(tx.db, key, before.version)
    invariant(after, 'the version that was saved is there')
    if (after.current) await planAgenda(tx, key, after)
    await keyAccessMayChange(tx, { storeId: key.storeId })
    await changed(tx)
    return after
  })
}

/**
 * Makes a new version of the same kind, enabled, with the expiry that the rotation policy gives. Older versions stay.
 * @throws AppError `KeyNotFound`.
 */
export async function rotateKey(ctx: Ctx, storeId: string, name: string): Promise<KeyBundle> {
  const material = await materialLike(await getKey(ctx, storeId, name))
  return transact(ctx, async (tx) => addRotatedVersion(tx, await lockLiveKey(tx, storeId, name), material))
}

const materialLike = ({ kty, keySize, crv, storeId }: KeyBundle): Promise<KeyMaterial> =>
  generateMaterial({ kind: rules.keyKind(kty), keySize, crv: crv as rules.KeyPlan['crv'] }, tokenOf(storeId))

async function addRotatedVersion(tx: Ctx, key: store.StoredKey, material: KeyMaterial): Promise<KeyBundle> {
  const current = await store.findVersion(tx.db, key, null)
  invariant(current, 'a key has a version')
  const expires = key.policy?.expiryTime ? rules.addDuration(tx.now, key.policy.expiryTime) : null
  const { kty, keySize, crv, keyOps, tags } = current
  const attributes = { kty, keySize, crv: crv as rules.KeyPlan['crv'], keyOps, tags, expires }
  return addVersion(tx, key, { ...attributes, enabled: true, notBefore: null }, material)
}

/** Puts the next rotation and the notice before expiry on the agenda, or takes them off. */
export async function planAgenda(tx: Ctx, key: store.StoredKey, current: KeyBundle): Promise<void> {
  const over = !current.expires || current.expires <= tx.now
  const noticed = over || key.noticedExpiry?.getTime() === current.expires?.getTime()
  await plan(tx, 'key-rotation', key, rules.rotationDueAt(key.policy, current))
  await plan(tx, 'key-near-expiry', key, noticed ? null : rules.noticeDueAt(key.policy, current))
}

/** A date that has gone by means now. */
async function plan(tx: Ctx, kind: KeyAgenda, key: store.StoredKey, dueAt: Date | null): Promise<void> {
  if (!dueAt) return unschedule(tx, kind, key.keyId)
  await schedule(tx, { kind, key: key.keyId, dueAt: new Date(Math.max(dueAt.getTime(), tx.now.getTime())) })
}

type KeyAgenda = 'key-rotation' | 'key-near-expiry'

async function unplan(tx: Ctx, keyId: string): Promise<void> {
  await unschedule(tx, 'key-rotation', keyId)
  await unschedule(tx, 'key-near-expiry', keyId)
}

export type CryptoRequest = Operands & { name: string; version: string | null }
/** `key` is the version that did the work: the current one when the request named none. */
export type CryptoResult = { key: KeyBundle; value: Buffer; iv?: Buffer; tag?: Buffer; aad?: Uint8Array }

/** Every check reads the rows of this very call: nothing about a key is remembered between calls. */
async function usableKey(
  ctx: Ctx,
  storeId: string,
  request: Pick<CryptoRequest, 'name' | 'version'>,
  operation: CryptoOperation,
): Promise<KeyBundle> {
  const key = await getKey(ctx, storeId, request.name, request.version)
  rules.assertOperationAllowed(key, operation, ctx.now)
  return key
}

const seal =
  (operation: 'wrapKey' | 'encrypt') =>
  async (ctx: Ctx, storeId: string, request: CryptoRequest): Promise<CryptoResult> => {
    const key = await usableKey(ctx, storeId, request, operation)
    return { key, ...(await protect(key, lender(ctx, key), operation, request)) }
  }

const open =
  (operation: 'unwrapKey' | 'decrypt') =>
  async (ctx: Ctx, storeId: string, request: CryptoRequest): Promise<CryptoResult> => {
    const key = await usableKey(ctx, storeId, request, operation)
    return { key, value: await unprotect(key, lender(ctx, key), operation, request) }
  }

const lender =
  (ctx: Ctx, key: KeyBundle): Lend =>
  (use) =>
    withPrivate(ctx, key, async (secret) => use(secret))

/** Lends the private half of a version for one operation, wherever it lies. */
export async function withPrivate<T>(ctx: Ctx, key: KeyBundle, use: (secret: PrivateHalf) => Promise<T>): Promise<T> {
  const sealed = await store.findSealedPrivate(ctx.db, key)
  if (!sealed) throw keyNotFound(key.name, key.version)
  const secret = ctx.custody.open(PURPOSE, sealContext(key), sealed)
  try {
    return await use(toPrivateHalf(secret))
  } finally {
    secret.fill(0)
  }
}

/**
 * Wraps raw bytes (a symmetric key) under a version.
 * @throws AppError `KeyNotFound`, `KeyDisabled`, `KeyNotYetValid`, `KeyExpired`, `KeyOperationForbidden`,
 * `KeyTypeUnsupported`, `BadParameter`.
 */
export const wrapKey = seal('wrapKey')

/** Unwraps; works outside the validity window, never with a disabled version. Errors as `wrapKey`. */
export const unwrapKey = open('unwrapKey')

export const encrypt = seal('encrypt')
export const decrypt = open('decrypt')

export type SignRequest = { name: string; version: string | null; alg: string; digest: Uint8Array }

/** Signs a digest that the caller made. Errors as `wrapKey`. */
export async function sign(ctx: Ctx, storeId: string, request: SignRequest): Promise<CryptoResult> {
  const key = await usableKey(ctx, storeId, request, 'sign')
  return { key, value: await signWith(key, lender(ctx, key), request.alg, request.digest) }
}

/** Whether a signature over a digest is the key's; works outside the validity window. Errors as `wrapKey`. */
export async function verify(
  ctx: Ctx,
  storeId: string,
  request: SignRequest & { signature: Uint8Array },
): Promise<{ key: KeyBundle; valid: boolean }> {
  const key = await usableKey(ctx, storeId, request, 'verify')
  return { key, valid: await verifyWith(key, lender(ctx, key), request.alg, request.digest, request.signature) }
}

/** The policy, or null when none was ever set. */
export async function getRotationPolicy(ctx: Ctx, storeId: string, name: string): Promise<RotationPolicy | null> {
  return (await liveKey(ctx, storeId, name)).policy
}

/** @throws AppError `KeyNotFound`, `BadParameter` with the field that is wrong. */
export async function setRotationPolicy(
  ctx: Ctx,
  storeId: string,
  name: string,
  input: RotationPolicyInput,
  limits: RotationLimits,
): Promise<RotationPolicy> {
  rules.checkRotationPolicy(input, limits)
  return transact(ctx, async (tx) => {
    const key = await lockLiveKey(tx, storeId, name)
    const updatedAt = tx.now.toISOString()
    const policy: RotationPolicy = { ...input, createdAt: key.policy?.createdAt ?? updatedAt, updatedAt }
    await store.saveKey(tx.db, key.keyId, { rotationPolicy: policy })
    const current = await store.findVersion(tx.db, key, null)
    if (current) await planAgenda(tx, { ...key, policy }, current)
    await changed(tx)
    return policy
  })
}

/** Agenda `key-rotation` (key: the key's id): makes the version that is due, at its due time. */
export const rotateIfDue: AgendaHandler = async (ctx, item) => {
  const key = await store.findKeyById(ctx.db, item.key)
  const current = key && (await store.findVersion(ctx.db, key, null))
  if (!key || !current) return async () => undefined
  const material = await materialLike(current)
  return async (tx) => {
    const locked = await store.lockKeyById(tx.db, key.keyId)
    if (!locked || locked.deletedAt) return
    const latest = await store.findVersion(tx.db, locked, null)
    const dueAt = latest && rules.rotationDueAt(locked.policy, latest)
    // The policy or the key may have changed since it was planned.
    if (!dueAt) return
    if (dueAt > tx.now) return planAgenda(tx, locked, latest)
    const made = await addRotatedVersion(tx, locked, material)
    await recordOwnDeed(tx, 'KeyRotateIfDue', made)
  }
}

/** What the store does of its own accord is in its audit log like what it is asked for. */
async function recordOwnDeed(tx: Ctx, operationName: string, key: KeyBundle): Promise<void> {
  const id = parseResourceId(key.storeId)
  const type = id && sameId(id.type, RESOURCE_TYPES.managedHsm) ? 'managedhsm' : 'vault'
  const store = { id: key.storeId, name: id?.name ?? key.storeId, type } as const
  const request = { store, operationName, keyName: key.name }
  await recordRequest(tx, request, { version: key.version }, { status: 200, description: '', durationMs: 0 })
}

/** Agenda `key-near-expiry` (key: the key's id): tells that the current version is about to expire. */
export const noticeIfDue: AgendaHandler = async (_ctx, item) => async (tx) => {
  const key = await store.lockKeyById(tx.db, item.key)
  const current = key && !key.deletedAt && (await store.findVersion(tx.db, key, null))
  if (!current) return
  const dueAt = rules.noticeDueAt(key.policy, current)
  // The policy or the key may have changed since it was planned.
  if (!dueAt || dueAt > tx.now) return planAgenda(tx, key, current)
  await store.saveKey(tx.db, key.keyId, { noticedExpiry: current.expires! })
  await recordOwnDeed(tx, 'KeyNearExpiryEventGridNotification', current)
  await recordActivity(tx, {
    operationName: 'Microsoft.KeyVault.KeyNearExpiry',
    resourceId: key.storeId,
    status: 'Active',
    level: 'Warning',
    description: `The key ${key.name} expires on ${current.expires!.toISOString()}`,
    properties: { keyName: key.name, version: current.version, expires: current.expires!.toISOString() },
  })
  await changed(tx)
}

/**
 * Soft-deletes a key with all its versions; it is purged after `retentionDays`, or destroyed at once where that is null.
 * @throws AppError `KeyNotFound`.
 */
export async function deleteKey(
  ctx: Ctx,
  storeId: string,
  name: string,
  retentionDays: number | null,
): Promise<KeyBundle> {
  return transact(ctx, async (tx) => {
    const key = await lockLiveKey(tx, storeId, name)
    if (retentionDays === null) {
      const last = await deletedBundle(tx, key)
      await destroy(tx, key)
      return last
    }
    const deletedAt = tx.now
    const scheduledPurgeAt = addDays(deletedAt, retentionDays)
    await store.saveKey(tx.db, key.keyId, { deletedAt, scheduledPurgeAt })
    await unplan(tx, key.keyId)
    await schedule(tx, { kind: 'purge-key', key: key.keyId, dueAt: scheduledPurgeAt })
    await keyAccessMayChange(tx, { storeId: key.storeId })
    await changed(tx)
    return deletedBundle(tx, { ...key, deletedAt, scheduledPurgeAt })
  })
}

async function deletedBundle(ctx: Ctx, key: store.StoredKey): Promise<KeyBundle> {
  const bundle = await store.findVersion(ctx.db, key, null)
  invariant(bundle, 'a key has a version')
  return bundle
}

const deletedNotFound = (name: string) =>
  new AppError('KeyNotFound', { publicMessage: `Deleted Key not found: ${name}` })

async function findDeleted(ctx: Ctx, storeId: string, name: string, lock: boolean): Promise<store.StoredKey> {
  const key = await (lock ? store.lockKey : store.findKey)(ctx.db, storeId, name)
  if (!key?.deletedAt) throw deletedNotFound(name)
  return key
}

/** @throws AppError `KeyNotFound` when no deleted key has the name. */
export async function getDeletedKey(ctx: Ctx, storeId: string, name: string): Promise<KeyBundle> {
  return deletedBundle(ctx, await findDeleted(ctx, storeId, name, false))
}

export const listDeletedKeys = (ctx: Ctx, storeId: string, page: store.Page = {}): Promise<KeyBundle[]> =>
  store.findCurrentVersions(ctx.db, storeId, true, page)

/** Brings a soft-deleted key back with its versions, attributes and rotation policy. @throws AppError `KeyNotFound`. */
export async function recoverKey(ctx: Ctx, storeId: string, name: string): Promise<KeyBundle> {
  return transact(ctx, async (tx) => {
    const key = await findDeleted(tx, storeId, name, true)
    await store.saveKey(tx.db, key.keyId, { deletedAt: null, scheduledPurgeAt: null })
    await unschedule(tx, 'purge-key', key.keyId)
    const current = await deletedBundle(tx, { ...key, deletedAt: null, scheduledPurgeAt: null })
    await planAgenda(tx, key, current)
    await keyAccessMayChange(tx, { storeId: key.storeId })
    await changed(tx)
    return current
  })
}

/** Destroys a soft-deleted key for good. @throws AppError `KeyNotFound`. */
export async function purgeKey(ctx: Ctx, storeId: string, name: string): Promise<void> {
  await transact(ctx, async (tx) => destroy(tx, await findDeleted(tx, storeId, name, true)))
}

async function destroy(tx: Ctx, key: store.StoredKey): Promise<void> {
  await store.deleteKeyRow(tx.db, key.keyId)
  await unschedule(tx, 'purge-key', key.keyId)
  await unplan(tx, key.keyId)
  await keyAccessMayChange(tx, { storeId: key.storeId })
  await changed(tx)
}

/** Agenda `purge-key` (key: the key's id): the retention of a soft-deleted key has ended. */
export const purgeKeyIfDue: AgendaHandler = async (_ctx, item) => async (tx) => {
  const key = await store.lockKeyById(tx.db, item.key)
  if (key?.scheduledPurgeAt && key.scheduledPurgeAt <= tx.now) await destroy(tx, key)
}

/** Stops rotation in a store that was soft-deleted. */
export async function suspendStore(tx: Ctx, storeId: string): Promise<void> {
  for (const key of await store.findKeysOfStore(tx.db, storeId)) await unplan(tx, key.keyId)
}

/** Plans rotation anew in a store that was recovered. */
export async function resumeStore(tx: Ctx, storeId: string): Promise<void> {
  for (const { key, versions } of await store.findKeysWithVersions(tx.db, storeId))
    await planAgenda(tx, key, versions[0]!)
}

/** Destroys every key of a store that is purged. */
export async function destroyStore(tx: Ctx, storeId: string): Promise<void> {
  for (const key of await store.findKeysOfStore(tx.db, storeId)) await destroy(tx, key)
}
