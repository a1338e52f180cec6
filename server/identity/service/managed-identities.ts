import { recordWrite } from '@/server/activity/service'
import type { Ctx, Principal } from '@/server/kernel/context'
import type { Db } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { parseResourceId, RESOURCE_TYPES, resourceId } from '@/server/kernel/resource-id'
import type { IdentityView } from '../contract'
import { RESTORABLE_DAYS } from '../model'
import { checkIdentityName, isGuid, isRestorable } from '../rules'
import * as principals from '../store/principals'
import * as store from '../store/resources'
import { authorize, readableFilter } from './authorization'
import { keyAccessMayChange } from './key-access-changes'
import { findPrincipal } from './principals'
import { requireResourceGroup } from './resource-groups'

const TYPE = RESOURCE_TYPES.identity

/** A deleted identity that can still come back with its object id. Instants are ISO 8601 virtual time. */
export type DeletedIdentityView = {
  principalId: string
  resourceId: string
  name: string
  deletedAt: string
}

const toView = (row: store.IdentityRow): IdentityView => ({ ...row, createdAt: row.createdAt.toISOString() })

async function changed(tx: Ctx): Promise<void> {
  await announce(tx.db, { tenantId: tx.tenantId, topic: 'identity' })
}

/**
 * Creates a user-assigned identity with a fresh principal; an existing one gets the tags given. The same name after a
 * deletion is another identity: its object id and client id are new.
 * @throws AppError `AuthorizationFailed` | `BadParameter` | `ResourceGroupNotFound` | `Conflict` (it lies elsewhere)
 */
export async function createManagedIdentity(
  ctx: Ctx,
  input: {
    subscriptionId: string
    resourceGroup: string
    name: string
    location: string
    tags?: Record<string, string>
  },
): Promise<IdentityView> {
  const id = resourceId({ ...input, type: TYPE })
  const event = { operationName: `${TYPE}/write`, resourceId: id, description: 'Create or update managed identity' }
  return recordWrite(ctx, event, async (tx) => {
    await authorize(tx, `${TYPE}/write`, id)
    checkIdentityName(input.name)
    const group = await requireResourceGroup(tx, input.subscriptionId, input.resourceGroup)
    const live = await store.findLiveIdentity(tx.db, tx.tenantId, id)
    const row = live ? updated(live, input) : await makeIdentity(tx, { ...input, resourceGroup: group.name })
    await store.saveIdentity(tx.db, row)
    await changed(tx)
    return toView(row)
  })
}

function updated(
  live: store.IdentityRow,
  { location, tags }: { location: string; tags?: Record<string, string> },
): store.IdentityRow {
  if (live.location === location) return { ...live, tags: tags ?? live.tags }
  throw new AppError('Conflict', {
    vendorCode: 'InvalidResourceLocation',
    field: 'location',
    publicMessage: `The resource '${live.name}' already exists in location '${live.location}'. A resource with the same name cannot be created in location '${location}'.`,
  })
}

async function makeIdentity(
  tx: Ctx,
  input: {
    subscriptionId: string
    resourceGroup: string
    name: string
    location: string
    tags?: Record<string, string>
  },
): Promise<store.IdentityRow> {
  const former = await store.findIdentityRow(tx.db, tx.tenantId, resourceId({ ...input, type: TYPE }))
  const id = former?.id ?? resourceId({ ...input, type: TYPE })
  const [principalId, clientId] = [newId(), newId()]
  await principals.insertPrincipal(tx.db, {
    id: principalId,
    tenantId: tx.tenantId,
    kind: 'ManagedIdentity',
    displayName: input.name,
    appId: clientId,
    mirid: id,
    createdAt: tx.now,
  })
  return { ...input, id, principalId, clientId, tags: input.tags ?? {}, tenantId: tx.tenantId, createdAt: tx.now }
}

/** The identity under this resource id, or null. @throws AppError `AuthorizationFailed` */
export async function getManagedIdentity(ctx: Ctx, id: string): Promise<IdentityView | null> {
  await authorize(ctx, `${TYPE}/read`, id)
  const row = await store.findLiveIdentity(ctx.db, ctx.tenantId, id)
  return row && toView(row)
}

/** The identities that the caller may read, by name. */
export async function listManagedIdentities(ctx: Ctx): Promise<IdentityView[]> {
  const [rows, readable] = await Promise.all([store.selectLiveIdentities(ctx.db, ctx.tenantId), readableFilter(ctx)])
  return rows.filter((row) => readable(row.id)).map(toView)
}

/** The principal behind an identity's resource id; null when it was deleted. Asks no right: for the services. */
export async function managedIdentityPrincipal(ctx: Ctx, identityId: string): Promise<Principal | null> {
  const row = await store.findLiveIdentity(ctx.db, ctx.tenantId, identityId)
  return row && findPrincipal(ctx, row.principalId)
}

/**
 * Finds a live identity by one of its names, in whichever tenant it is: for the token endpoint of machines, which is
 * asked without naming a tenant.
 */
export async function locateManagedIdentity(
  db: Db,
  by: { clientId?: string; objectId?: string; resourceId?: string },
): Promise<{ tenantId: string; principal: Principal } | null> {
  const place = await principals.locateObject(db, {
    appId: by.clientId && isGuid(by.clientId) ? by.clientId : undefined,
    id: by.objectId && isGuid(by.objectId) ? by.objectId : undefined,
    mirid: by.resourceId,
  })
  const principal = place && (await findPrincipal({ db, tenantId: place.tenantId }, place.objectId))
  return principal?.kind === 'ManagedIdentity' ? { tenantId: place!.tenantId, principal } : null
}

/**
 * Deletes the identity and its principal. What refers to it keeps a dangling reference, its role assignments stay
 * ("Identity not found"), and for 30 days it can be restored.
 * @throws AppError `AuthorizationFailed` | `IdentityNotFound`
 */
export async function deleteManagedIdentity(ctx: Ctx, id: string): Promise<void> {
  const event = { operationName: `${TYPE}/delete`, resourceId: id, description: 'Delete managed identity' }
  await recordWrite(ctx, event, async (tx) => {
    await authorize(tx, `${TYPE}/delete`, id)
    const row = await store.findLiveIdentity(tx.db, tx.tenantId, id)
    if (!row) throw notFound(id)
    await principals.setDeletedAt(tx.db, row.principalId, tx.now)
    await keyAccessMayChange(tx, { principalId: row.principalId })
    await changed(tx)
  })
}

const notFound = (id: string): AppError =>
  new AppError('IdentityNotFound', {
    vendorCode: 'ResourceNotFound',
    publicMessage: `The managed identity '${parseResourceId(id)?.name ?? id}' was not found.`,
  })

/**
 * Brings a deleted identity back with the same object id and client id, so that its role assignments work again.
 * @throws AppError `IdentityNotFound` (unknown, or deleted over 30 days ago) | `Conflict` (its name is taken by another)
 */
export async function restoreManagedIdentity(ctx: Ctx, principalId: string): Promise<IdentityView> {
  const object = isGuid(principalId) ? await principals.findObject(ctx.db, ctx.tenantId, principalId) : null
  if (!object?.mirid || !object.deletedAt) throw notFound(principalId)
  const id = object.mirid
  const event = { operationName: `${TYPE}/write`, resourceId: id, description: 'Restore deleted managed identity' }
  return recordWrite(ctx, event, async (tx) => {
    await authorize(tx, `${TYPE}/write`, id)
    if (!isRestorable(object.deletedAt!, tx.now)) throw tooLate(object.displayName)
    if (await store.findLiveIdentity(tx.db, tx.tenantId, id)) throw nameTaken(object.displayName)
    const former = (await store.findIdentityRow(tx.db, tx.tenantId, id))!
    const row = { ...former, principalId, clientId: object.appId! }
    await principals.setDeletedAt(tx.db, principalId, null)
    await keyAccessMayChange(tx, { principalId })
    await store.saveIdentity(tx.db, row)
    await changed(tx)
    return toView(row)
  })
}

const tooLate = (name: string): AppError =>
  new AppError('IdentityNotFound', {
    publicMessage: `The identity '${name}' was deleted more than ${RESTORABLE_DAYS} days ago and cannot be restored. Create a new identity, grant it the role, and attach it to the server.`,
  })

const nameTaken = (name: string): AppError =>
  new AppError('Conflict', {
    publicMessage: `Another identity has the name '${name}' now. Delete it first, or go on with that one: grant it the role and attach it to the server.`,
  })

/** The deleted identities that can still be restored and that the caller may read, last deleted first. */
export async function listDeletedManagedIdentities(ctx: Ctx): Promise<DeletedIdentityView[]> {
  const [objects, readable] = await Promise.all([
    principals.listDeletedObjects(ctx.db, ctx.tenantId, 'ManagedIdentity'),
    readableFilter(ctx),
  ])
  return objects
    .filter((o) => o.mirid && readable(o.mirid) && isRestorable(o.deletedAt, ctx.now))
    .map((o) => ({
      principalId: o.objectId,
      resourceId: o.mirid!,
      name: o.displayName,
      deletedAt: o.deletedAt.toISOString(),
    }))
}
