import { recordWrite } from '@/server/activity/service'
import type { AgendaHandler } from '@/server/clock/model'
import { schedule, unschedule } from '@/server/clock/service'
import type { Permission } from '@/server/identity/contract'
import {
  authorize,
  can,
  dropAssignmentsUnder,
  isReadable,
  keyAccessMayChange,
  principalNames,
  readableFilter,
  readTenantSettings,
  requireResourceGroup,
} from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { type Db, isUniqueViolation } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { geographyOf } from '@/server/kernel/regions'
import { parseResourceId, RESOURCE_TYPES, resourceId, sameId, subscriptionScope } from '@/server/kernel/resource-id'
import { addDays, type KeyRequest, VAULT_LIMITS } from '@/server/keys/model'
import * as keys from '@/server/keys/service'
import { auditedManagement } from '@/server/keys/service/audit'
import { controlPlaneKeys } from '@/server/keys/service/control-plane'
import { type GuardedKeys, type GuardedStore, guardedKeys, type RequestOptions } from '@/server/keys/service/guarded'
import { admit, foresee, loadVault } from './access'
import {
  type AccessPolicy,
  type CreateVaultInput,
  createVaultInput,
  type PrivateEndpointDecision,
  type PrivateEndpointInput,
  type PrivateEndpointView,
  privateEndpointDecision,
  privateEndpointInput,
  type UpdateVaultInput,
  updateVaultInput,
  vaultName,
} from './contract'
import type { PrivateEndpoint, Vault, VaultRecord } from './model'
import * as rules from './rules'
import * as store from './store'

const WRITE = 'Microsoft.KeyVault/vaults/write'
const READ = 'Microsoft.KeyVault/vaults/read'
const DELETE = 'Microsoft.KeyVault/vaults/delete'
const WRITE_POLICY = 'Microsoft.KeyVault/vaults/accessPolicies/write'
const APPROVE = 'Microsoft.KeyVault/vaults/PrivateEndpointConnectionsApproval/action'
const PURGE = 'Microsoft.KeyVault/locations/deletedVaults/purge/action'

/** One management-plane request, under its name in the vault's audit log. */
const managed = <T>(ctx: Ctx, id: string, operationName: string, work: () => Promise<T>, apiVersion?: string) =>
  auditedManagement(
    ctx,
    { store: { id, name: parseResourceId(id)?.name ?? '', type: 'vault' }, operationName, apiVersion },
    work,
  )

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
  const create = async (tx: Ctx) => {
    await authorize(tx, WRITE, id)
    const { accessPolicies = [], softDelete = true, ...valid } = parse(createVaultInput, input)
    rules.checkProtection({ softDelete, purgeProtection: valid.purgeProtection })
    const { name: resourceGroup } = await requireResourceGroup(tx, input.subscriptionId, input.resourceGroup)
    if (await store.findByName(tx.db, input.name)) throw nameInUse(input.name)
    const vault: Vault = {
      ...valid,
      softDelete,
      resourceGroup,
      id: resourceId({ ...input, resourceGroup, type: RESOURCE_TYPES.vault }),
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
  }
  return managed(ctx, id, 'VaultPut', () => recordWrite(ctx, event, create))
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

/** The same as a request of a client, which the vault's audit log has; pages look too often to be recorded. */
export const getVaultByRequest = (ctx: Ctx, id: string, { apiVersion }: RequestOptions): Promise<VaultRecord> =>
  managed(ctx, id, 'VaultGet', () => getVault(ctx, id), apiVersion)

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
  return change(
    ctx,
    id,
    { operationName: WRITE, auditName: 'VaultPatch', description: 'Update vault' },
    async (tx, vault) => {
      const { accessPolicies, networkAcls, ...valid } = parse(updateVaultInput, patch)
      rules.checkProtection({ ...vault, ...valid })
      await store.save(tx.db, vault.id, {
        ...valid,
        ...(accessPolicies && { accessPolicies: rules.checkAccessPolicies(accessPolicies) }),
        ...(networkAcls && { networkAcls: rules.normalizeNetworkAcls(networkAcls) }),
      })
    },
  )
}

/** Replaces one object's key permissions; an empty list takes its policy away. Errors as `updateVault`. */
export async function setAccessPolicy(ctx: Ctx, id: string, policy: AccessPolicy): Promise<VaultRecord> {
  const description = `Set the access policy of ${policy.objectId}`
  const event = { operationName: WRITE_POLICY, auditName: 'VaultPatch', description }
  return change(ctx, id, event, async (tx, vault) => {
    const accessPolicies = rules.checkAccessPolicies(rules.withPolicy(vault.accessPolicies, policy))
    await store.save(tx.db, vault.id, { accessPolicies })
  })
}

/**
 * Soft-deletes a vault with its keys; one without soft delete is destroyed. Role assignments on it are gone for good.
 */
export async function deleteVault(ctx: Ctx, id: string): Promise<VaultRecord> {
  return change(
    ctx,
    id,
    { operationName: DELETE, auditName: 'VaultDelete', description: 'Delete vault' },
    async (tx, vault) => {
      await dropAssignmentsUnder(tx, vault.id)
      await store.removeEndpoints(tx.db, vault.id)
      if (!vault.softDelete) return destroy(tx, vault)
      const scheduledPurgeAt = addDays(tx.now, vault.softDeleteDays)
      await store.save(tx.db, vault.id, { deletedAt: tx.now, scheduledPurgeAt })
      await keys.suspendStore(tx, vault.id)
      await schedule(tx, { kind: 'purge-vault', key: vault.id, dueAt: scheduledPurgeAt })
    },
  )
}

/** Brings a soft-deleted vault back with keys and access policies, and without role assignments. */
export async function recoverVault(ctx: Ctx, id: string): Promise<VaultRecord> {
  const event = { operationName: WRITE, auditName: 'VaultRecover', description: 'Recover vault' }
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
  { auditName, ...event }: { operationName: string; auditName: string; description: string },
  work: (tx: Ctx, vault: Vault) => Promise<void>,
  find: typeof findLive = findLive,
): Promise<VaultRecord> {
  const write = async (tx: Ctx) => {
    await authorize(tx, event.operationName, id)
    const vault = await find(tx, id, store.lockByName)
    await work(tx, vault)
    await keyAccessMayChange(tx, { storeId: vault.id })
    await changed(tx)
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'keys' })
    return toRecord(tx, (await store.findByName(tx.db, vault.name)) ?? vault)
  }
  return managed(ctx, id, auditName, () => recordWrite(ctx, { ...event, resourceId: id }, write))
}

/** Destroys a soft-deleted vault. @throws AppError `AuthorizationFailed`, `ResourceNotFound`, `PurgeProtected`. */
export async function purgeVault(ctx: Ctx, id: string): Promise<void> {
  const event = { operationName: PURGE, resourceId: id, description: 'Purge vault' }
  const purge = async (tx: Ctx) => {
    await authorize(tx, PURGE, subscriptionScope(parseResourceId(id)?.subscriptionId ?? ''))
    const vault = await findDeleted(tx, id, store.lockByName)
    if (vault.purgeProtection)
      throw new AppError('PurgeProtected', {
        publicMessage: `Operation 'DeletedVaultPurge' is not allowed: the vault ${vault.name} has purge protection.`,
        vendorCode: 'MethodNotAllowed',
      })
    await destroy(tx, vault)
  }
  await managed(ctx, id, 'VaultPurge', () => recordWrite(ctx, event, purge))
}

const toEndpointView = (e: PrivateEndpoint): PrivateEndpointView => ({
  vaultId: e.storeId,
  name: e.name,
  privateEndpointId: e.privateEndpointId,
  status: e.status,
  description: e.description,
  createdAt: e.createdAt.toISOString(),
})

/** The private endpoints that lead, or ask to lead, to a vault. @throws AppError `AuthorizationFailed`, `ResourceNotFound`. */
export async function listPrivateEndpoints(ctx: Ctx, vaultId: string): Promise<PrivateEndpointView[]> {
  await authorize(ctx, READ, vaultId)
  const vault = await findLive(ctx, vaultId)
  return (await store.findEndpoints(ctx.db, vault.id)).map(toEndpointView)
}

/**
 * Makes a private endpoint to a vault. Its connection is approved at once if the caller may approve, else pending.
 * SIMULATED: the endpoint is an object without a network; a request says by itself which endpoint it came by.
 */
export async function createPrivateEndpoint(
  ctx: Ctx,
  vaultId: string,
  input: PrivateEndpointInput,
): Promise<PrivateEndpointView> {
  const { name, subscriptionId, resourceGroup, description } = parse(privateEndpointInput, input)
  const type = 'Microsoft.Network/privateEndpoints'
  const privateEndpointId = resourceId({ subscriptionId, resourceGroup, type, name })
  const event = {
    operationName: `${type}/write`,
    resourceId: privateEndpointId,
    description: `Create endpoint ${name}`,
  }
  return recordWrite(ctx, event, async (tx) => {
    await authorize(tx, `${type}/write`, privateEndpointId)
    await requireResourceGroup(tx, subscriptionId, resourceGroup)
    const vault = await findLive(tx, vaultId, store.lockByName)
    const { allowed } = await can(tx, APPROVE, vault.id)
    if ((await store.findEndpoints(tx.db, vault.id)).some((e) => sameId(e.name, name)))
      throw new AppError('Conflict', {
        publicMessage: `The vault has a private endpoint ${name} already.`,
        field: 'name',
      })
    const endpoint: PrivateEndpoint = {
      ...{ id: newId(), tenantId: tx.tenantId, storeId: vault.id, name, privateEndpointId, description },
      status: allowed ? 'Approved' : 'Pending',
      createdAt: tx.now,
    }
    await store.insertEndpoint(tx.db, endpoint)
    await changed(tx)
    return toEndpointView(endpoint)
  })
}

/** Approves or rejects the connection of a private endpoint. Takes `PrivateEndpointConnectionsApproval/action`. */
export const decidePrivateEndpoint = (
  ctx: Ctx,
  vaultId: string,
  name: string,
  decision: PrivateEndpointDecision,
): Promise<PrivateEndpointView> =>
  onEndpoint(ctx, vaultId, name, APPROVE, async (tx, endpoint) => {
    const decided = { ...endpoint, ...parse(privateEndpointDecision, decision) }
    await store.saveEndpoint(tx.db, endpoint.id, { status: decided.status, description: decided.description })
    return decided
  })

/** Cuts a private endpoint off its vault. @throws AppError `AuthorizationFailed`, `ResourceNotFound`. */
export const deletePrivateEndpoint = (ctx: Ctx, vaultId: string, name: string): Promise<PrivateEndpointView> =>
  onEndpoint(
    ctx,
    vaultId,
    name,
    'Microsoft.KeyVault/vaults/privateEndpointConnections/delete',
    async (tx, endpoint) => {
      await store.removeEndpoint(tx.db, endpoint.id)
      return endpoint
    },
  )

async function onEndpoint(
  ctx: Ctx,
  vaultId: string,
  name: string,
  operationName: string,
  work: (tx: Ctx, endpoint: PrivateEndpoint) => Promise<PrivateEndpoint>,
): Promise<PrivateEndpointView> {
  const event = { operationName, resourceId: vaultId, description: `Private endpoint ${name}` }
  return recordWrite(ctx, event, async (tx) => {
    await authorize(tx, operationName, vaultId)
    const vault = await findLive(tx, vaultId, store.lockByName)
    const endpoint = (await store.findEndpoints(tx.db, vault.id)).find((e) => sameId(e.name, name))
    if (!endpoint)
      throw new AppError('ResourceNotFound', {
        publicMessage: `The vault has no private endpoint connection '${name}'.`,
      })
    const after = await work(tx, endpoint)
    await changed(tx)
    return toEndpointView(after)
  })
}

/** Whether a vault may still be called so: well-formed, and taken by none, nor by a soft-deleted one. */
export async function checkVaultName(
  ctx: Ctx,
  name: string,
): Promise<{ available: boolean; reason: 'AccountNameInvalid' | 'AlreadyExists' | null; message: string }> {
  const parsed = vaultName.safeParse(name)
  if (!parsed.success)
    return { available: false, reason: 'AccountNameInvalid', message: parsed.error.issues[0]!.message }
  if (await store.findByName(ctx.db, name))
    return { available: false, reason: 'AlreadyExists', message: nameInUse(name).publicMessage }
  return { available: true, reason: null, message: '' }
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

/** Whether the caller could make a key request, for buttons; `keyName` narrows it to one key. */
export async function canOnVaultKeys(
  ctx: Ctx,
  vaultNameOrId: string,
  request: KeyRequest,
  keyName?: string,
): Promise<Permission> {
  return foresee(ctx, await loadVault(ctx, vaultNameOrId), request, keyName)
}

/**
 * The keys of a vault for the caller of `ctx`: portal and REST surface both come through here.
 * All throw AppError `VaultNotFound`, `ForbiddenBy*`, and what keys/service throws.
 * @param vault name or resource id, looked up at each request; or the vault itself, just loaded, for a single one.
 */
export const vaultKeys = (ctx: Ctx, vault: string | Vault, options?: RequestOptions): GuardedKeys =>
  guardedKeys(
    ctx,
    async () => guardedStore(ctx, typeof vault === 'string' ? await loadVault(ctx, vault) : vault),
    options,
  )

/**
 * The keys of a vault as resources of the control plane, with what their pages show of the vault.
 * @throws AppError `ResourceNotFound`; its keys throw `AuthorizationFailed`, `ScopeLocked`, and what keys/service throws.
 */
export async function vaultKeysAsResources(ctx: Ctx, id: string, options: RequestOptions) {
  const vault = await findLive(ctx, id)
  return { facts: vault, keys: controlPlaneKeys(ctx, () => guardedStore(ctx, vault), options) }
}

async function guardedStore(ctx: Ctx, vault: Vault): Promise<GuardedStore> {
  const { id, name, location, softDelete, softDeleteDays, purgeProtection } = vault
  return {
    ...{ id, name, location, softDelete, softDeleteDays, purgeProtection },
    type: 'vault',
    limits: VAULT_LIMITS,
    realm: `vault/${vault.subscriptionId}/${geographyOf(location)}`.toLowerCase(),
    throttled: !ctx.caller.trustedService && (await readTenantSettings(ctx)).throttling,
    isHardware(kty) {
      const hsm = /-HSM$/i.test(kty)
      if (/^oct(-HSM)?$/i.test(kty)) throw needsHsm(kty)
      if (hsm && vault.sku !== 'premium') throw needsPremium(kty)
      return hsm
    },
    admit: (request, keyName, facts) => admit(ctx, vault, request, keyName, facts),
  }
}

const needsHsm = (kty: string) =>
  new AppError('KeyTypeUnsupported', {
    publicMessage: `Keys of type '${kty}' are symmetric, and lie in a managed HSM only.`,
    field: 'kty',
  })

const needsPremium = (kty: string) =>
  new AppError('KeyTypeUnsupported', {
    publicMessage: `Keys of type '${kty}' are protected by hardware and need a vault of the premium tier.`,
    field: 'kty',
  })
