import { recordWrite } from '@/server/activity/service'
import type { AgendaHandler } from '@/server/clock/drain'
import { schedule, unschedule } from '@/server/clock/service'
import type { Permission } from '@/server/identity/contract'
import {
  authorize,
  dropAssignmentsUnder,
  isReadable,
  principalNames,
  readableFilter,
  requireResourceGroup,
} from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { type Db, isUniqueViolation } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import { parseResourceId, RESOURCE_TYPES, resourceId, sameId, subscriptionScope } from '@/server/kernel/resource-id'
import type { KeyView, RotationPolicyInput } from '@/server/keys/contract'
import { addDays, type KeyBundle, type RotationPolicy, toKeyView, VAULT_ROTATION } from '@/server/keys/model'
import * as keys from '@/server/keys/service'
import { type AuditedRequest, type AuditFacts, audited } from '@/server/keys/service/audit'
import { admit, foresee, loadVault } from './access'
import {
  type AccessPolicy,
  type CreateVaultInput,
  createVaultInput,
  type UpdateVaultInput,
  updateVaultInput,
} from './contract'
import { VAULT_OPERATIONS, type Vault, type VaultOperation, type VaultRecord } from './model'
import * as rules from './rules'
import * as store from './store'

const WRITE = 'Microsoft.KeyVault/vaults/write'
const READ = 'Microsoft.KeyVault/vaults/read'
const DELETE = 'Microsoft.KeyVault/vaults/delete'
const WRITE_POLICY = 'Microsoft.KeyVault/vaults/accessPolicies/write'
const PURGE = 'Microsoft.KeyVault/locations/deletedVaults/purge/action'

const changed = (tx: Ctx) => announce(tx.db, { tenantId: tx.tenantId, topic: 'resources' })

/** A vault as doors get it; principals that are gone have no name. */
async function toRecord(ctx: Ctx, vault: Vault): Promise<VaultRecord> {
  const names = await principalNames(
    ctx,
    vault.accessPolicies.map((p) => p.objectId),
  )
  const {
    tenantId: _t,
    rbac,
    serviceOwned: _s,
    accessPolicies,
    createdAt,
    deletedAt,
    scheduledPurgeAt,
    ...same
  } = vault
  return {
    ...same,
    permissionModel: rbac ? 'rbac' : 'accessPolicies',
    accessPolicies: accessPolicies.map((p) => ({ ...p, principalName: names.get(p.objectId) ?? null })),
    createdAt: createdAt.toISOString(),
    deletedAt: deletedAt?.toISOString() ?? null,
    scheduledPurgeAt: scheduledPurgeAt?.toISOString() ?? null,
  }
}

const nameInUse = (name: string) =>
  new AppError('NameUnavailable', {
    publicMessage: `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state.`,
    field: 'name',
    vendorCode: 'VaultAlreadyExists',
  })

const vaultNotFound = (id: string) => {
  const parsed = parseResourceId(id)
  return new AppError('ResourceNotFound', {
    publicMessage: `The Resource 'Microsoft.KeyVault/vaults/${parsed?.name ?? id}' under resource group '${parsed?.resourceGroup ?? ''}' was not found.`,
  })
}

/**
 * Creates a vault. `serviceOwned` is for the service principal's own vaults.
 * @throws AppError `AuthorizationFailed`, `BadParameter`, `ResourceGroupNotFound`, `NameUnavailable`.
 */
export async function createVault(
  ctx: Ctx,
  input: CreateVaultInput & { serviceOwned?: boolean },
): Promise<VaultRecord> {
  const id = resourceId({ ...input, type: RESOURCE_TYPES.vault })
  const serviceOwned = (input.serviceOwned ?? false) && ctx.principal.isService === true
  const event = { operationName: WRITE, resourceId: id, description: `Create vault ${input.name}` }
  return recordWrite(ctx, event, async (tx) => {
    await authorize(tx, WRITE, id)
    const { accessPolicies = [], ...valid } = parse(createVaultInput, input)
    await requireResourceGroup(tx, input.subscriptionId, input.resourceGroup)
    if (await store.findByName(tx.db, input.name)) throw nameInUse(input.name)
    const vault: Vault = {
      ...valid,
      id,
      tenantId: tx.tenantId,
      accessPolicies: rules.checkAccessPolicies(accessPolicies),
      networkAcls: rules.normalizeNetworkAcls(valid.networkAcls),
      serviceOwned,
      createdAt: tx.now,
      deletedAt: null,
      scheduledPurgeAt: null,
    }
    await store.insert(tx.db, vault).catch((error) => {
      throw isUniqueViolation(error) ? nameInUse(input.name) : error
    })
    await changed(tx)
    return toRecord(tx, vault)
  })
}

type Schema<T> = { safeParse(value: unknown): { success: true; data: T } | { success: false; error: ZodLike } }
type ZodLike = { issues: { path: PropertyKey[]; message: string }[] }

function parse<T>(schema: Schema<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const fields = Object.fromEntries(parsed.error.issues.map((i) => [i.path.join('.'), i.message]))
  const [field, publicMessage] = Object.entries(fields)[0]!
  throw new AppError('BadParameter', { publicMessage, field, fields })
}

/** @throws AppError `AuthorizationFailed`, `ResourceNotFound`. */
export async function getVault(ctx: Ctx, id: string): Promise<VaultRecord> {
  await authorize(ctx, READ, id)
  return toRecord(ctx, await findLive(ctx, id))
}

/** A live vault that people may see; the service sees its own as well. */
async function findLive(ctx: Ctx, id: string, find: typeof store.findByName = store.findByName): Promise<Vault> {
  const vault = await find(ctx.db, parseResourceId(id)?.name ?? '')
  const visible = vault && sameId(vault.id, id) && vault.tenantId === ctx.tenantId && isMine(ctx, vault)
  if (!visible || vault.deletedAt) throw vaultNotFound(id)
  return vault
}

const isMine = (ctx: Ctx, vault: Vault) => !vault.serviceOwned || ctx.principal.isService === true

/** The vault that has the name, soft-deleted ones too, if the caller may read it. */
export async function findVaultByName(ctx: Ctx, name: string): Promise<Vault | null> {
  const vault = await store.findByName(ctx.db, name)
  if (!vault || vault.tenantId !== ctx.tenantId || !isMine(ctx, vault)) return null
  return (await isReadable(ctx, vault.id)) ? vault : null
}

/** What the vault's host name leads to, like DNS: no rights are asked. Null when no live vault has the name. */
export async function resolveVaultHost(db: Db, name: string): Promise<Vault | null> {
  const vault = await store.findByName(db, name)
  return vault?.deletedAt ? null : vault
}

/** The live vaults that the caller may read, by name. */
export const listVaults = (ctx: Ctx): Promise<VaultRecord[]> => listReadable(ctx, false)

/** The soft-deleted vaults that the caller may read, by name. */
export const listDeletedVaults = (ctx: Ctx): Promise<VaultRecord[]> => listReadable(ctx, true)

async function listReadable(ctx: Ctx, deleted: boolean): Promise<VaultRecord[]> {
  const [vaults, readable] = await Promise.all([store.findAll(ctx.db, ctx.tenantId, deleted), readableFilter(ctx)])
  return Promise.all(vaults.filter((v) => readable(v.id)).map((v) => toRecord(ctx, v)))
}

/**
 * Changes what the patch names. Turning RBAC on voids all access policies at once, without deleting them.
 * @throws AppError `AuthorizationFailed`, `ResourceNotFound`, `BadParameter`.
 */
export async function updateVault(ctx: Ctx, id: string, patch: UpdateVaultInput): Promise<VaultRecord> {
  return change(ctx, id, { operationName: WRITE, description: 'Update vault' }, async (tx, vault) => {
    const { accessPolicies, networkAcls, ...valid } = parse(updateVaultInput, patch)
    await store.save(tx.db, vault.id, {
      ...valid,
      ...(accessPolicies && { accessPolicies: rules.checkAccessPolicies(accessPolicies) }),
      ...(networkAcls && { networkAcls: rules.normalizeNetworkAcls(networkAcls) }),
    })
  })
}

/** Replaces one object's key permissions; an empty list takes its policy away. Errors as `updateVault`. */
export async function setAccessPolicy(ctx: Ctx, id: string, policy: AccessPolicy): Promise<VaultRecord> {
  const event = { operationName: WRITE_POLICY, description: `Set the access policy of ${policy.objectId}` }
  return change(ctx, id, event, async (tx, vault) => {
    const accessPolicies = rules.checkAccessPolicies(rules.withPolicy(vault.accessPolicies, policy))
    await store.save(tx.db, vault.id, { accessPolicies })
  })
}

/** Soft-deletes a vault with its keys. Role assignments on it are gone for good. */
export async function deleteVault(ctx: Ctx, id: string): Promise<VaultRecord> {
  return change(ctx, id, { operationName: DELETE, description: 'Delete vault' }, async (tx, vault) => {
    const scheduledPurgeAt = addDays(tx.now, vault.softDeleteDays)
    await store.save(tx.db, vault.id, { deletedAt: tx.now, scheduledPurgeAt })
    await dropAssignmentsUnder(tx, vault.id)
    await keys.suspendStore(tx, vault.id)
    await schedule(tx, { kind: 'purge-vault', key: vault.id, dueAt: scheduledPurgeAt })
  })
}

/** Brings a soft-deleted vault back with keys and access policies, and without role assignments. */
export async function recoverVault(ctx: Ctx, id: string): Promise<VaultRecord> {
  const event = { operationName: WRITE, description: 'Recover vault' }
  return change(
    ctx,
    id,
    event,
    async (tx, vault) => {
      await store.save(tx.db, vault.id, { deletedAt: null, scheduledPurgeAt: null })
      await unschedule(tx, 'purge-vault', vault.id)
      await keys.resumeStore(tx, vault.id)
    },
    findDeleted,
  )
}

async function findDeleted(ctx: Ctx, id: string, find: typeof store.findByName = store.findByName): Promise<Vault> {
  const vault = await find(ctx.db, parseResourceId(id)?.name ?? '')
  if (vault?.deletedAt && sameId(vault.id, id) && vault.tenantId === ctx.tenantId && isMine(ctx, vault)) return vault
  throw new AppError('ResourceNotFound', {
    publicMessage: `There is no deleted vault '${parseResourceId(id)?.name ?? id}'.`,
    vendorCode: 'DeletedVaultNotFound',
  })
}

/** One recorded write on a vault whose row is held: authorize, load, decide and save, in this order. */
async function change(
  ctx: Ctx,
  id: string,
  event: { operationName: string; description: string },
  work: (tx: Ctx, vault: Vault) => Promise<void>,
  find: typeof findLive = findLive,
): Promise<VaultRecord> {
  return recordWrite(ctx, { ...event, resourceId: id }, async (tx) => {
    await authorize(tx, event.operationName, id)
    const vault = await find(tx, id, store.lockByName)
    await work(tx, vault)
    await changed(tx)
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'keys' })
    return toRecord(tx, (await store.findByName(tx.db, vault.name)) ?? vault)
  })
}

/** Destroys a soft-deleted vault. @throws AppError `AuthorizationFailed`, `ResourceNotFound`, `PurgeProtected`. */
export async function purgeVault(ctx: Ctx, id: string): Promise<void> {
  const event = { operationName: PURGE, resourceId: id, description: 'Purge vault' }
  await recordWrite(ctx, event, async (tx) => {
    await authorize(tx, PURGE, subscriptionScope(parseResourceId(id)?.subscriptionId ?? ''))
    const vault = await findDeleted(tx, id, store.lockByName)
    if (vault.purgeProtection)
      throw new AppError('PurgeProtected', {
        publicMessage: `Operation 'DeletedVaultPurge' is not allowed: the vault ${vault.name} has purge protection.`,
        vendorCode: 'MethodNotAllowed',
      })
    await destroy(tx, vault)
  })
}

async function destroy(tx: Ctx, vault: Vault): Promise<void> {
  await keys.destroyStore(tx, vault.id)
  await store.remove(tx.db, vault.id)
  await unschedule(tx, 'purge-vault', vault.id)
  await changed(tx)
}

/** Agenda `purge-vault` (key: the vault's id): the retention of a soft-deleted vault has ended. */
export const purgeVaultIfDue: AgendaHandler = async (_ctx, item) => async (tx) => {
  const vault = await store.lockByName(tx.db, parseResourceId(item.key)?.name ?? '')
  if (vault?.scheduledPurgeAt && vault.scheduledPurgeAt <= tx.now) await destroy(tx, vault)
}

/** Whether the caller could do a key operation, for buttons; `keyName` narrows it to one key. */
export async function canOnVaultKeys(
  ctx: Ctx,
  vaultNameOrId: string,
  operation: VaultOperation,
  keyName?: string,
): Promise<Permission> {
  return foresee(ctx, await loadVault(ctx, vaultNameOrId), operation, keyName)
}

export type NewVaultKey = Omit<keys.NewKey, 'hsm'>
export type VaultKeys = ReturnType<typeof vaultKeys>

/**
 * The keys of a vault for the caller of `ctx`: each request passes the vault's network rules and its permission model
 * and is recorded in its audit log, refused ones too. Portal and REST surface both come through here.
 * All throw AppError `VaultNotFound`, `ForbiddenBy*`, and what keys/service throws.
 */
export function vaultKeys(ctx: Ctx, vaultNameOrId: string, options: { apiVersion?: string } = {}) {
  type Target = Pick<AuditedRequest, 'keyName' | 'version' | 'algorithm'>

  async function perform<T>(
    operation: VaultOperation,
    target: Target,
    work: (vault: Vault, facts: AuditFacts) => Promise<T>,
  ): Promise<T> {
    const vault = await loadVault(ctx, vaultNameOrId)
    const request = {
      ...target,
      store: { id: vault.id, name: vault.name, type: 'vault' as const },
      operationName: VAULT_OPERATIONS[operation].audit,
      apiVersion: options.apiVersion,
    }
    return audited(ctx, request, async (facts) => {
      await admit(ctx, vault, operation, target.keyName, facts)
      return work(vault, facts)
    })
  }

  const onKey = (
    operation: VaultOperation,
    target: Target & { keyName: string },
    work: (vault: Vault) => Promise<KeyBundle>,
  ): Promise<KeyBundle> => perform(operation, target, async (vault, facts) => noteKey(facts, await work(vault)))

  const onBytes =
    (
      operation: 'wrap' | 'unwrap' | 'encrypt' | 'decrypt',
      work: (ctx: Ctx, storeId: string, request: keys.CryptoRequest) => Promise<keys.CryptoResult>,
    ) =>
    (request: keys.CryptoRequest): Promise<keys.CryptoResult> => {
      const target = { keyName: request.name, version: request.version, algorithm: request.alg }
      return perform(operation, target, async (vault, facts) => {
        const result = await work(ctx, vault.id, request)
        noteKey(facts, result.key)
        return result
      })
    }

  return {
    /** A key type that ends in `-HSM` needs a premium vault. */
    create: (spec: NewVaultKey) =>
      onKey('create', { keyName: spec.name }, (vault) => {
        const hsm = /-HSM$/i.test(spec.kty)
        if (hsm && vault.sku !== 'premium') throw needsPremium(spec.kty)
        return keys.createKey(ctx, vault.id, { ...spec, hsm })
      }),
    get: (name: string, version?: string | null) =>
      onKey('get', { keyName: name, version }, (vault) => keys.getKey(ctx, vault.id, name, version)),
    list: (page?: { after?: string; limit?: number }) =>
      perform('list', {}, (vault) => keys.listKeys(ctx, vault.id, page)),
    listVersions: (name: string) =>
      perform('listVersions', { keyName: name }, (vault) => keys.listVersions(ctx, vault.id, name)),
    update: (name: string, version: string | null, patch: keys.KeyPatch) =>
      onKey('update', { keyName: name, version }, (vault) =>
        keys.updateKeyVersion(ctx, vault.id, name, version, patch),
      ),
    rotate: (name: string) => onKey('rotate', { keyName: name }, (vault) => keys.rotateKey(ctx, vault.id, name)),
    wrap: onBytes('wrap', keys.wrapKey),
    unwrap: onBytes('unwrap', keys.unwrapKey),
    encrypt: onBytes('encrypt', keys.encrypt),
    decrypt: onBytes('decrypt', keys.decrypt),
    getRotationPolicy: (name: string): Promise<RotationPolicy | null> =>
      perform('getRotationPolicy', { keyName: name }, (vault) => keys.getRotationPolicy(ctx, vault.id, name)),
    setRotationPolicy: (name: string, policy: RotationPolicyInput): Promise<RotationPolicy> =>
      perform('setRotationPolicy', { keyName: name }, (vault) =>
        keys.setRotationPolicy(ctx, vault.id, name, policy, VAULT_ROTATION),
      ),
    remove: (name: string) =>
      onKey('remove', { keyName: name }, (vault) => keys.deleteKey(ctx, vault.id, name, vault.softDeleteDays)),
    getDeleted: (name: string) =>
      onKey('getDeleted', { keyName: name }, (vault) => keys.getDeletedKey(ctx, vault.id, name)),
    listDeleted: (page?: { after?: string; limit?: number }) =>
      perform('listDeleted', {}, (vault) => keys.listDeletedKeys(ctx, vault.id, page)),
    recover: (name: string) => onKey('recover', { keyName: name }, (vault) => keys.recoverKey(ctx, vault.id, name)),
    purge: (name: string): Promise<void> =>
      perform('purge', { keyName: name }, async (vault) => {
        if (vault.purgeProtection) throw purgeProtected(vault)
        await keys.purgeKey(ctx, vault.id, name)
      }),
    /** All keys with their versions, for pages. */
    views: (httpsPort: number): Promise<KeyView[]> =>
      perform('list', {}, async (vault) =>
        (await keys.describeKeys(ctx, vault.id)).map((detail) => toKeyView(detail, storeOf(vault), httpsPort)),
      ),
    /** One key with its versions, for pages. */
    view: (name: string, httpsPort: number): Promise<KeyView> =>
      perform('get', { keyName: name }, async (vault) =>
        toKeyView(await keys.describeKey(ctx, vault.id, name), storeOf(vault), httpsPort),
      ),
  }
}

const storeOf = (vault: Vault) => ({ storeType: 'vault' as const, storeName: vault.name })

function noteKey(facts: AuditFacts, key: KeyBundle): KeyBundle {
  facts.version = key.version
  facts.keyProperties = { type: key.kty, ...(key.crv ? { curve: key.crv } : { size: key.keySize ?? undefined }) }
  return key
}

const needsPremium = (kty: string) =>
  new AppError('KeyTypeUnsupported', {
    publicMessage: `Keys of type '${kty}' are protected by hardware and need a vault of the premium tier.`,
    field: 'kty',
  })

const purgeProtected = (vault: Vault) =>
  new AppError('PurgeProtected', {
    publicMessage: `Operation "purge" is not allowed because purge protection is enabled for this vault. Key Vault service will automatically purge it after the retention period has passed.\r\nVault: ${vault.name};location=${vault.location}`,
  })
