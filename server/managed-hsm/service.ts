import { randomBytes } from 'node:crypto'
import { recordWrite } from '@/server/activity/service'
import type { AgendaHandler } from '@/server/clock/model'
import { schedule, unschedule } from '@/server/clock/service'
import type { Permission } from '@/server/identity/contract'
import {
  authorize,
  isReadable,
  keyAccessMayChange,
  principalNames,
  readableFilter,
  requireResourceGroup,
} from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { type Db, isUniqueViolation, transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { parseResourceId, RESOURCE_TYPES, resourceId, sameId, subscriptionScope } from '@/server/kernel/resource-id'
import { addDays, HSM_LIMITS, type KeyRequest } from '@/server/keys/model'
import * as keys from '@/server/keys/service'
import { audited, auditedManagement } from '@/server/keys/service/audit'
import { controlPlaneKeys } from '@/server/keys/service/control-plane'
import { type GuardedKeys, type GuardedStore, guardedKeys, type RequestOptions } from '@/server/keys/service/guarded'
import { admit, foresee, foreseeAction, keyScope, loadHsm } from './access'
import {
  type ActivationInput,
  activationInput,
  type CreateManagedHsmInput,
  createManagedHsmInput,
  type HsmRoleAssignmentView,
  type HsmRoleInput,
  hsmName,
  hsmRoleInput,
  type UpdateManagedHsmInput,
  updateManagedHsmInput,
} from './contract'
import { domainIdOf, makeExchangeKey, makeSecurityDomain, newPoolKey, openRestoreBlob, readHolders } from './crypto'
import {
  findHsmRole,
  HSM_ACTIONS,
  HSM_ADMIN_ACTIONS,
  HSM_ADMINISTRATOR,
  type HsmAssignment,
  type ManagedHsm,
  type ManagedHsmRecord,
} from './model'
import * as rules from './rules'
import * as store from './store'

const WRITE = 'Microsoft.KeyVault/managedHSMs/write'
const READ = 'Microsoft.KeyVault/managedHSMs/read'
const DELETE = 'Microsoft.KeyVault/managedHSMs/delete'
const PURGE = 'Microsoft.KeyVault/locations/deletedManagedHSMs/purge/action'

/** One management-plane request, under its name in the pool's audit log. */
const managed = <T>(ctx: Ctx, id: string, operationName: string, work: () => Promise<T>) =>
  auditedManagement(
    ctx,
    { store: { id, name: parseResourceId(id)?.name ?? '', type: 'managedhsm' }, operationName },
    work,
  )

const changed = (tx: Ctx) => announce(tx.db, { tenantId: tx.tenantId, topic: 'resources' })

const toRecord = ({ tenantId: _, ...hsm }: ManagedHsm): ManagedHsmRecord => ({
  ...hsm,
  activated: hsm.activatedAt !== null,
  activatedAt: hsm.activatedAt?.toISOString() ?? null,
  createdAt: hsm.createdAt.toISOString(),
  deletedAt: hsm.deletedAt?.toISOString() ?? null,
  scheduledPurgeAt: hsm.scheduledPurgeAt?.toISOString() ?? null,
})

const nameInUse = (name: string) =>
  new AppError('NameUnavailable', {
    publicMessage: `The managed HSM name '${name}' is already in use, or an HSM of this name was deleted and not purged yet.`,
    field: 'name',
    vendorCode: 'VaultAlreadyExists',
  })

/**
 * Creates a pool, not activated. Its initial administrators get the local role Managed HSM Administrator.
 * @throws AppError `AuthorizationFailed`, `BadParameter`, `ResourceGroupNotFound`, `NameUnavailable`.
 */
export async function createManagedHsm(ctx: Ctx, input: CreateManagedHsmInput): Promise<ManagedHsmRecord> {
  const id = resourceId({ ...input, type: RESOURCE_TYPES.managedHsm })
  const event = { operationName: WRITE, resourceId: id, description: `Create managed HSM ${input.name}` }
  const create = async (tx: Ctx) => {
    await authorize(tx, WRITE, id)
    const valid = parse(createManagedHsmInput, input)
    const { name: resourceGroup } = await requireResourceGroup(tx, input.subscriptionId, input.resourceGroup)
    if (await store.findByName(tx.db, input.name)) throw nameInUse(input.name)
    const hsm: ManagedHsm = {
      ...valid,
      resourceGroup,
      id: resourceId({ ...input, resourceGroup, type: RESOURCE_TYPES.managedHsm }),
      tenantId: tx.tenantId,
      networkAcls: rules.normalizeNetworkAcls(valid.networkAcls),
      activatedAt: null,
      quorum: null,
      domainId: null,
      createdAt: tx.now,
      deletedAt: null,
      scheduledPurgeAt: null,
    }
    await store.insert(tx.db, hsm).catch((error) => {
      throw isUniqueViolation(error) ? nameInUse(input.name) : error
    })
    for (const principalId of new Set(hsm.adminObjectIds))
      await store.insertAssignment(
        tx.db,
        assignment(tx, hsm, { scope: '/', roleDefinitionId: HSM_ADMINISTRATOR, principalId }),
      )
    await changed(tx)
    return toRecord(hsm)
  }
  return managed(ctx, id, 'ManagedHsmPut', () => recordWrite(ctx, event, create))
}

const assignment = (ctx: Ctx, hsm: ManagedHsm, input: HsmRoleInput): HsmAssignment => ({
  ...input,
  id: newId(),
  hsmId: hsm.id,
  createdAt: ctx.now,
  createdBy: ctx.principal.objectId,
})

type Schema<T> = { safeParse(value: unknown): { success: true; data: T } | { success: false; error: Issues } }
type Issues = { issues: { path: PropertyKey[]; message: string }[] }

function parse<T>(schema: Schema<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const fields = Object.fromEntries(parsed.error.issues.map((i) => [i.path.join('.'), i.message]))
  const [field, publicMessage] = Object.entries(fields)[0]!
  throw new AppError('BadParameter', { publicMessage, field, fields })
}

const notFound = (id: string) =>
  new AppError('ResourceNotFound', {
    publicMessage: `The Resource 'Microsoft.KeyVault/managedHSMs/${parseResourceId(id)?.name ?? id}' under resource group '${parseResourceId(id)?.resourceGroup ?? ''}' was not found.`,
  })

type Find = (db: Db, name: string) => Promise<ManagedHsm | null>

async function find(ctx: Ctx, id: string, deleted: boolean, from: Find): Promise<ManagedHsm> {
  const hsm = await from(ctx.db, parseResourceId(id)?.name ?? '')
  if (!hsm || !sameId(hsm.id, id) || hsm.tenantId !== ctx.tenantId || (hsm.deletedAt !== null) !== deleted)
    throw notFound(id)
  return hsm
}

/** @throws AppError `AuthorizationFailed`, `ResourceNotFound`. */
export async function getManagedHsm(ctx: Ctx, id: string): Promise<ManagedHsmRecord> {
  await authorize(ctx, READ, id)
  return toRecord(await find(ctx, id, false, store.findByName))
}

/** The pool that has the name, soft-deleted ones too, if the caller may read it. */
export async function findHsmByName(ctx: Ctx, name: string): Promise<ManagedHsm | null> {
  const hsm = await store.findByName(ctx.db, name)
  if (!hsm || hsm.tenantId !== ctx.tenantId) return null
  return (await isReadable(ctx, hsm.id)) ? hsm : null
}

/** Whether a pool may be called so: in form, and by no other pool, live or soft-deleted, in the whole cloud. */
export async function checkHsmName(
  ctx: Ctx,
  name: string,
): Promise<{ available: boolean; reason?: 'AccountNameInvalid' | 'AlreadyExists'; message?: string }> {
  const parsed = hsmName.safeParse(name)
  if (!parsed.success)
    return { available: false, reason: 'AccountNameInvalid', message: parsed.error.issues[0]?.message }
  if (!(await store.findByName(ctx.db, name))) return { available: true }
  return { available: false, reason: 'AlreadyExists', message: nameInUse(name).publicMessage }
}

/** What the pool's host name leads to, like DNS: no rights are asked. Null when no live pool has the name. */
export async function resolveHsmHost(db: Db, name: string): Promise<ManagedHsm | null> {
  const hsm = await store.findByName(db, name)
  return hsm?.deletedAt ? null : hsm
}

/** The live pools that the caller may read, by name. */
export const listManagedHsms = (ctx: Ctx): Promise<ManagedHsmRecord[]> => listReadable(ctx, false)

/** The soft-deleted pools that the caller may read, by name. */
export const listDeletedManagedHsms = (ctx: Ctx): Promise<ManagedHsmRecord[]> => listReadable(ctx, true)

async function listReadable(ctx: Ctx, deleted: boolean): Promise<ManagedHsmRecord[]> {
  const [all, readable] = await Promise.all([store.findAll(ctx.db, ctx.tenantId, deleted), readableFilter(ctx)])
  return all.filter((hsm) => readable(hsm.id)).map(toRecord)
}

/** Changes what the patch names. @throws AppError `AuthorizationFailed`, `ResourceNotFound`, `BadParameter`. */
export const updateManagedHsm = (ctx: Ctx, id: string, patch: UpdateManagedHsmInput): Promise<ManagedHsmRecord> =>
  change(
    ctx,
    id,
    { operationName: WRITE, auditName: 'ManagedHsmPatch', description: 'Update managed HSM' },
    false,
    async (tx, hsm) => {
      const { networkAcls, ...valid } = parse(updateManagedHsmInput, patch)
      const acls = networkAcls && { networkAcls: rules.normalizeNetworkAcls(networkAcls) }
      await store.save(tx.db, hsm.id, { ...valid, ...acls })
    },
  )

/** Soft-deletes a pool with its keys and its local roles. */
export const deleteManagedHsm = (ctx: Ctx, id: string): Promise<ManagedHsmRecord> =>
  change(
    ctx,
    id,
    { operationName: DELETE, auditName: 'ManagedHsmDelete', description: 'Delete managed HSM' },
    false,
    async (tx, hsm) => {
      const scheduledPurgeAt = addDays(tx.now, hsm.softDeleteDays)
      await store.save(tx.db, hsm.id, { deletedAt: tx.now, scheduledPurgeAt })
      await keys.suspendStore(tx, hsm.id)
      await schedule(tx, { kind: 'purge-managed-hsm', key: hsm.id, dueAt: scheduledPurgeAt })
    },
  )

/** Brings a soft-deleted pool back with its keys and local roles. */
export const recoverManagedHsm = (ctx: Ctx, id: string): Promise<ManagedHsmRecord> =>
  change(
    ctx,
    id,
    { operationName: WRITE, auditName: 'ManagedHsmRecover', description: 'Recover managed HSM' },
    true,
    async (tx, hsm) => {
      await store.save(tx.db, hsm.id, { deletedAt: null, scheduledPurgeAt: null })
      await unschedule(tx, 'purge-managed-hsm', hsm.id)
      await keys.resumeStore(tx, hsm.id)
    },
  )

/** One recorded write on a pool whose row is held: authorize, load, decide and save, in this order. */
async function change(
  ctx: Ctx,
  id: string,
  { auditName, ...event }: { operationName: string; auditName: string; description: string },
  deleted: boolean,
  work: (tx: Ctx, hsm: ManagedHsm) => Promise<void>,
): Promise<ManagedHsmRecord> {
  const write = async (tx: Ctx) => {
    await authorize(tx, event.operationName, id)
    const hsm = await find(tx, id, deleted, store.lockByName)
    await work(tx, hsm)
    await keyAccessMayChange(tx, { storeId: hsm.id })
    await changed(tx)
    await announce(tx.db, { tenantId: tx.tenantId, topic: 'keys' })
    return toRecord((await store.findByName(tx.db, hsm.name)) ?? hsm)
  }
  return managed(ctx, id, auditName, () => recordWrite(ctx, { ...event, resourceId: id }, write))
}

/** Destroys a soft-deleted pool. @throws AppError `AuthorizationFailed`, `ResourceNotFound`, `PurgeProtected`. */
export async function purgeManagedHsm(ctx: Ctx, id: string): Promise<void> {
  const event = { operationName: PURGE, resourceId: id, description: 'Purge managed HSM' }
  const purge = async (tx: Ctx) => {
    await authorize(tx, PURGE, subscriptionScope(parseResourceId(id)?.subscriptionId ?? ''))
    const hsm = await find(tx, id, true, store.lockByName)
    if (hsm.purgeProtection)
      throw new AppError('PurgeProtected', {
        publicMessage: `The managed HSM ${hsm.name} has purge protection: it is purged when its retention ends.`,
        vendorCode: 'MethodNotAllowed',
      })
    await destroy(tx, hsm)
  }
  await managed(ctx, id, 'ManagedHsmPurge', () => recordWrite(ctx, event, purge))
}

async function destroy(tx: Ctx, hsm: ManagedHsm): Promise<void> {
  await keys.destroyStore(tx, hsm.id)
  await store.remove(tx.db, hsm.id)
  await unschedule(tx, 'purge-managed-hsm', hsm.id)
  await changed(tx)
}

/** Agenda `purge-managed-hsm` (key: the pool's id): the retention of a soft-deleted pool has ended. */
export const purgeManagedHsmIfDue: AgendaHandler = async (_ctx, item) => async (tx) => {
  const hsm = await store.lockByName(tx.db, parseResourceId(item.key)?.name ?? '')
  if (hsm?.scheduledPurgeAt && hsm.scheduledPurgeAt <= tx.now) await destroy(tx, hsm)
}

/** One recorded data-plane request that is not about keys. */
export async function onPool<T>(
  ctx: Ctx,
  nameOrId: string,
  request: { operationName: string; action: string; scope?: string } & RequestOptions,
  work: (hsm: ManagedHsm) => Promise<T>,
): Promise<T> {
  const hsm = await loadHsm(ctx, nameOrId)
  const { operationName, apiVersion, action, scope = '/' } = request
  const target = { id: hsm.id, name: hsm.name, type: 'managedhsm' as const }
  return audited(ctx, { store: target, operationName, apiVersion }, async (facts) => {
    await admit(ctx, hsm, action, scope, facts)
    return work(hsm)
  })
}

/**
 * Downloads the security domain, wrapped to the holders' keys, and thereby activates the pool. Doing it again wraps a
 * new domain to other holders and leaves the keys as they are.
 * @returns the security domain as JSON text, kept as returned; only a quorum of its holders opens it.
 * @throws AppError `BadParameter`, `ForbiddenByRbac` (only a Managed HSM Administrator may), `VaultNotFound`.
 */
export async function activateManagedHsm(
  ctx: Ctx,
  nameOrId: string,
  input: ActivationInput,
  options?: RequestOptions,
): Promise<{ securityDomain: string }> {
  const request = { operationName: 'SecurityDomainDownload', action: HSM_ADMIN_ACTIONS.downloadDomain, ...options }
  return onPool(ctx, nameOrId, request, async (hsm) => {
    const { publicKeys, quorum } = parse(activationInput, input)
    const holders = readHolders(publicKeys)
    return transact(ctx, async (tx) => {
      const held = await holdPool(tx, hsm)
      const { sealedPoolKey } = await store.findDomainSecrets(tx.db, hsm.id)
      const poolKey = sealedPoolKey ? tx.custody.open(POOL_KEY, hsm.id, sealedPoolKey) : newPoolKey()
      const securityDomain = await makeSecurityDomain(holders, quorum, poolKey)
      await store.save(tx.db, hsm.id, {
        ...{ activatedAt: held.activatedAt ?? tx.now, quorum, securityDomain, ...keep(tx, hsm, poolKey) },
        // Whoever activates a pool anew gives up recovering it.
        ...NO_EXCHANGE,
      })
      await changed(tx)
      return { securityDomain: JSON.stringify(securityDomain) }
    })
  })
}

const POOL_KEY = 'hsm-pool-key'
const EXCHANGE_KEY = 'hsm-exchange-key'
const NO_EXCHANGE = { sealedExchangeKey: null, exchangeCertificate: null }

function keep(ctx: Ctx, hsm: ManagedHsm, poolKey: Buffer) {
  const kept = { domainId: domainIdOf(poolKey), sealedPoolKey: ctx.custody.seal(POOL_KEY, hsm.id, poolKey) }
  poolKey.fill(0)
  return kept
}

/** The pool as it is now, its row held until the transaction ends. */
export async function holdPool(tx: Ctx, { name, id }: ManagedHsm): Promise<ManagedHsm> {
  const held = await store.lockByName(tx.db, name)
  if (held?.id !== id || held.deletedAt) throw notFound(id)
  return held
}

/** Lends the key of the pool's security domain. @throws AppError `HsmNotActivated`. */
export async function withPoolKey<T>(ctx: Ctx, hsm: ManagedHsm, use: (poolKey: Buffer) => T | Promise<T>): Promise<T> {
  rules.assertActivated(hsm)
  const { sealedPoolKey } = await store.findDomainSecrets(ctx.db, hsm.id)
  if (!sealedPoolKey)
    throw new AppError('Conflict', {
      publicMessage: `The managed HSM ${hsm.name} is older than security domains. Download its security domain once more.`,
    })
  const poolKey = ctx.custody.open(POOL_KEY, hsm.id, sealedPoolKey)
  try {
    return await use(poolKey)
  } finally {
    poolKey.fill(0)
  }
}

const activeAlready = (hsm: ManagedHsm) =>
  new AppError('Conflict', {
    publicMessage: `The managed HSM ${hsm.name} is active: a security domain is uploaded only into a pool that was never activated.`,
  })

/**
 * Begins the recovery of a pool that is not active: makes the exchange key, to which the holders of another pool's
 * security domain wrap it. Asking again gives the same key.
 * @returns its certificate as PEM.
 * @throws AppError `ForbiddenByRbac`, `Conflict` (the pool is active).
 */
export async function beginHsmRecovery(
  ctx: Ctx,
  nameOrId: string,
  options?: RequestOptions,
): Promise<{ exchangeCertificate: string }> {
  const request = {
    operationName: 'SecurityDomainTransferKeyGet',
    action: HSM_ADMIN_ACTIONS.readExchangeKey,
    ...options,
  }
  return onPool(ctx, nameOrId, request, (hsm) =>
    transact(ctx, async (tx) => {
      if ((await holdPool(tx, hsm)).activatedAt) throw activeAlready(hsm)
      const made = await store.findDomainSecrets(tx.db, hsm.id)
      if (made.exchangeCertificate) return { exchangeCertificate: made.exchangeCertificate }
      const { certificate, pkcs8 } = await makeExchangeKey(hsm.name, tx.now)
      const sealedExchangeKey = tx.custody.seal(EXCHANGE_KEY, hsm.id, pkcs8)
      pkcs8.fill(0)
      await store.save(tx.db, hsm.id, { sealedExchangeKey, exchangeCertificate: certificate })
      return { exchangeCertificate: certificate }
    }),
  )
}

/**
 * Ends a recovery: takes in another pool's security domain, wrapped to the exchange key, and thereby activates the
 * pool. Its keys come by restoring a backup.
 * @throws AppError `ForbiddenByRbac`, `Conflict` (the pool is active), `BadParameter` (no domain, or not for this pool).
 */
export async function uploadHsmDomain(
  ctx: Ctx,
  nameOrId: string,
  blob: string,
  options?: RequestOptions,
): Promise<ManagedHsmRecord> {
  const request = { operationName: 'SecurityDomainUpload', action: HSM_ADMIN_ACTIONS.uploadDomain, ...options }
  return onPool(ctx, nameOrId, request, (hsm) =>
    transact(ctx, async (tx) => {
      if ((await holdPool(tx, hsm)).activatedAt) throw activeAlready(hsm)
      const { sealedExchangeKey } = await store.findDomainSecrets(tx.db, hsm.id)
      if (!sealedExchangeKey)
        throw new AppError('BadParameter', { publicMessage: 'Download the exchange key of this pool first.' })
      const exchangeKey = tx.custody.open(EXCHANGE_KEY, hsm.id, sealedExchangeKey)
      const poolKey = await openRestoreBlob(blob, exchangeKey)
      exchangeKey.fill(0)
      await store.save(tx.db, hsm.id, { activatedAt: tx.now, ...keep(tx, hsm, poolKey), ...NO_EXCHANGE })
      await changed(tx)
      return toRecord(await holdPool(tx, hsm))
    }),
  )
}

/** How far the up- or download of the security domain is. @throws AppError `ForbiddenByRbac`. */
export async function isHsmDomainInPlace(
  ctx: Ctx,
  nameOrId: string,
  way: 'download' | 'upload',
  options?: RequestOptions,
): Promise<boolean> {
  const action = way === 'download' ? HSM_ADMIN_ACTIONS.downloadDomain : HSM_ADMIN_ACTIONS.readUpload
  const operationName = way === 'download' ? 'SecurityDomainDownloadStatus' : 'SecurityDomainUploadStatus'
  return onPool(ctx, nameOrId, { operationName, action, ...options }, async (hsm) => hsm.activatedAt !== null)
}

/** `count` random bytes, 1 to 128. @throws AppError `BadParameter`, `HsmNotActivated`, `ForbiddenByRbac`. */
export async function randomFromHsm(
  ctx: Ctx,
  nameOrId: string,
  count: number,
  options?: RequestOptions,
): Promise<Buffer> {
  const request = { operationName: 'RandomBytesGet', action: HSM_ADMIN_ACTIONS.random, ...options }
  return onPool(ctx, nameOrId, request, async (hsm) => {
    rules.assertActivated(hsm)
    if (!Number.isInteger(count) || count < 1 || count > 128)
      throw new AppError('BadParameter', {
        publicMessage: 'GetRandomBytesRequest: count cannot be greater than 128 or less than 1',
      })
    return randomBytes(count)
  })
}

/** The local role assignments, oldest first. @throws AppError `ForbiddenByRbac`. */
export async function listHsmRoleAssignments(ctx: Ctx, nameOrId: string): Promise<HsmRoleAssignmentView[]> {
  const request = { operationName: 'RoleAssignmentList', action: HSM_ADMIN_ACTIONS.readRoles }
  return onPool(ctx, nameOrId, request, async (hsm) => {
    const assignments = await store.findAssignments(ctx.db, hsm.id)
    return toAssignmentViews(ctx, assignments)
  })
}

async function toAssignmentViews(ctx: Ctx, assignments: HsmAssignment[]): Promise<HsmRoleAssignmentView[]> {
  const names = await principalNames(
    ctx,
    assignments.map((a) => a.principalId),
  )
  return assignments.map(({ id, scope, roleDefinitionId, principalId }) => ({
    ...{ id, scope, roleDefinitionId, principalId },
    roleName: findHsmRole(roleDefinitionId)?.name ?? roleDefinitionId,
    principalName: names.get(principalId) ?? null,
  }))
}

/**
 * Gives a local role at `/`, `/keys` or one key; giving it again changes nothing.
 * @throws AppError `ForbiddenByRbac`, `HsmNotActivated`, `BadParameter`.
 */
export async function assignHsmRole(
  ctx: Ctx,
  nameOrId: string,
  input: HsmRoleInput & { id?: string },
): Promise<HsmRoleAssignmentView> {
  const request = { operationName: 'RoleAssignmentCreate', action: HSM_ADMIN_ACTIONS.writeRoles, scope: input.scope }
  return onPool(ctx, nameOrId, request, async (hsm) => {
    rules.assertActivated(hsm)
    const role = parse(hsmRoleInput, input)
    if (!findHsmRole(role.roleDefinitionId))
      throw new AppError('BadParameter', { publicMessage: 'There is no such local role.', field: 'roleDefinitionId' })
    return transact(ctx, async (tx) => {
      await store.lockByName(tx.db, hsm.name)
      const given = (await store.findAssignments(tx.db, hsm.id)).find((a) => isSame(a, role))
      const made = given ?? { ...assignment(tx, hsm, role), ...(input.id && { id: input.id }) }
      if (!given) await store.insertAssignment(tx.db, made)
      await keyAccessMayChange(tx, { storeId: hsm.id })
      await announce(tx.db, { tenantId: tx.tenantId, topic: 'identity' })
      return (await toAssignmentViews(tx, [made]))[0]!
    })
  })
}

const isSame = (a: HsmAssignment, role: HsmRoleInput) =>
  a.scope === role.scope && a.roleDefinitionId === role.roleDefinitionId && a.principalId === role.principalId

/** Takes a local role away. @throws AppError `ForbiddenByRbac`. */
export async function removeHsmRoleAssignment(ctx: Ctx, nameOrId: string, id: string): Promise<void> {
  const request = { operationName: 'RoleAssignmentDelete', action: HSM_ADMIN_ACTIONS.deleteRoles }
  await onPool(ctx, nameOrId, request, (hsm) =>
    transact(ctx, async (tx) => {
      await store.removeAssignment(tx.db, hsm.id, id)
      await keyAccessMayChange(tx, { storeId: hsm.id })
      await announce(tx.db, { tenantId: tx.tenantId, topic: 'identity' })
    }),
  )
}

/** Whether the caller could do one of the pool's own actions, for buttons. @throws AppError `VaultNotFound`. */
export const canOnHsm = async (ctx: Ctx, nameOrId: string, action: string): Promise<Permission> =>
  foreseeAction(ctx, await loadHsm(ctx, nameOrId), action, '/')

/** Whether the caller could make a key request, for buttons; `keyName` narrows it to one key. */
export async function canOnHsmKeys(
  ctx: Ctx,
  nameOrId: string,
  request: KeyRequest,
  keyName?: string,
): Promise<Permission> {
  return foresee(ctx, await loadHsm(ctx, nameOrId), request, keyName)
}

/**
 * The keys of a pool for the caller of `ctx`: portal and REST surface both come through here.
 * All throw AppError `VaultNotFound`, `HsmNotActivated`, `ForbiddenBy*`, and what keys/service throws.
 * @param hsm name or resource id, looked up at each request; or the pool itself, just loaded, for a single one.
 */
export const hsmKeys = (ctx: Ctx, hsm: string | ManagedHsm, options?: RequestOptions): GuardedKeys =>
  guardedKeys(ctx, async () => guardedStore(ctx, typeof hsm === 'string' ? await loadHsm(ctx, hsm) : hsm), options)

/**
 * The keys of a pool as resources of the control plane, with what their pages show of the pool.
 * @throws AppError `ResourceNotFound`; its keys throw `AuthorizationFailed`, `HsmNotActivated`, and what keys/service throws.
 */
export async function hsmKeysAsResources(ctx: Ctx, id: string, options: RequestOptions) {
  const hsm = await find(ctx, id, false, store.findByName)
  const keys = controlPlaneKeys(
    ctx,
    async () => guardedStore(ctx, hsm),
    options,
    () => rules.assertActivated(hsm),
  )
  return { facts: { ...hsm, softDelete: true }, keys }
}

function guardedStore(ctx: Ctx, hsm: ManagedHsm): GuardedStore {
  const { id, name, location, softDeleteDays, purgeProtection } = hsm
  return {
    ...{ id, name, location, softDeleteDays, purgeProtection },
    type: 'managedhsm',
    softDelete: true,
    limits: HSM_LIMITS,
    // Pools of one security domain restore each other's keys; a pool older than its domain only its own.
    realm: hsm.domainId ? `securitydomain/${hsm.domainId}` : `managedhsm/${id}`.toLowerCase(),
    throttled: false,
    isHardware: () => true,
    async admit(request, keyName, facts) {
      await admit(ctx, hsm, HSM_ACTIONS[request], keyScope(keyName), facts)
      rules.assertActivated(hsm)
    },
  }
}
