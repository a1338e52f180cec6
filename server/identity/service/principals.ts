import type { Ctx, Principal, PrincipalKind } from '@/server/kernel/context'
import { type Db, transact } from '@/server/kernel/db'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import type { PersonaView } from '../contract'
import { hashSecret, newClientSecret, verifySecret } from '../crypto'
import { isGuid } from '../rules'
import * as store from '../store/principals'
import { requireService } from './bootstrap-only'

async function withGroups(db: Db, object: store.DirectoryObject | null): Promise<Principal | null> {
  if (!object || object.deletedAt) return null
  const { deletedAt: _live, ...principal } = object
  return { ...principal, groupIds: await store.findGroupIds(db, object.objectId) }
}

/** The principal with its groups (transitive) as of now; null when there is none or it was deleted. */
export async function findPrincipal(ctx: Pick<Ctx, 'db' | 'tenantId'>, objectId: string): Promise<Principal | null> {
  if (!isGuid(objectId)) return null
  return withGroups(ctx.db, await store.findObject(ctx.db, ctx.tenantId, objectId))
}

/** The same by client id; null when there is none or it was deleted. */
export async function findPrincipalByAppId(
  ctx: Pick<Ctx, 'db' | 'tenantId'>,
  appId: string,
): Promise<Principal | null> {
  if (!isGuid(appId)) return null
  return withGroups(ctx.db, await store.findObjectByAppId(ctx.db, ctx.tenantId, appId))
}

/** Whether the secret is that of the application; false for an unknown one. */
export async function checkClientSecret(
  ctx: Pick<Ctx, 'db' | 'tenantId'>,
  appId: string,
  secret: string,
): Promise<boolean> {
  const stored = isGuid(appId) ? await store.findSecretHash(ctx.db, ctx.tenantId, appId) : null
  return stored !== null && verifySecret(secret, stored)
}

/** The tenant that an application belongs to, where a request names none. */
export async function findTenantOfApp(db: Db, appId: string): Promise<string | null> {
  return isGuid(appId) ? store.findTenantOfAppId(db, appId) : null
}

/** Names of live principals by object id, for pages that show ids. */
export async function principalNames(ctx: Ctx, objectIds: string[]): Promise<Map<string, string>> {
  const objects = await store.findObjects(ctx.db, ctx.tenantId, objectIds.filter(isGuid))
  return new Map(objects.filter((o) => !o.deletedAt).map((o) => [o.objectId, o.displayName]))
}

export type DirectoryEntry = { objectId: string; kind: PrincipalKind; displayName: string; detail: string }

const ALL_KINDS: PrincipalKind[] = ['User', 'Group', 'ServicePrincipal', 'ManagedIdentity']

/** Everything in the directory that a role can be given to, by name; every member of a tenant may read it. */
export async function listDirectory(ctx: Ctx, kinds: PrincipalKind[] = ALL_KINDS): Promise<DirectoryEntry[]> {
  const objects = await store.listObjects(ctx.db, ctx.tenantId, kinds)
  return objects.map(({ objectId, kind, displayName, upn, mirid, appId }) => ({
    objectId,
    kind,
    displayName,
    detail: upn ?? mirid ?? appId ?? '',
  }))
}

/** The people whose part one can play, in the order in which they were made. */
export const listPersonas = (ctx: Pick<Ctx, 'db' | 'tenantId'>): Promise<PersonaView[]> =>
  store.listPersonas(ctx.db, ctx.tenantId)

async function create(
  ctx: Ctx,
  row: Omit<store.NewPrincipal, 'id' | 'tenantId' | 'createdAt'> & { id?: string },
): Promise<Principal> {
  requireService(ctx)
  const id = row.id ?? newId()
  await store.insertPrincipal(ctx.db, { ...row, id, tenantId: ctx.tenantId, createdAt: ctx.now })
  await announce(ctx.db, { tenantId: ctx.tenantId, topic: 'identity' })
  const { kind, displayName, appId, upn, mirid } = row
  return { objectId: id, kind, displayName, appId, upn, mirid, groupIds: [] }
}

/** Creates a person; with a `jobTitle` one can play her part. For the service itself only. */
export const createUser = (
  ctx: Ctx,
  user: { id?: string; displayName: string; upn: string; jobTitle?: string },
): Promise<Principal> => create(ctx, { kind: 'User', ...user })

/** For the service itself only. */
export const createGroup = (ctx: Ctx, group: { id?: string; displayName: string }): Promise<Principal> =>
  create(ctx, { kind: 'Group', ...group })

/** Adds a user, an application or another group; doing it twice is the same as once. For the service itself only. */
export async function addMember(ctx: Ctx, groupId: string, memberId: string): Promise<void> {
  requireService(ctx)
  await store.insertMember(ctx.db, groupId, memberId)
  await announce(ctx.db, { tenantId: ctx.tenantId, topic: 'identity' })
}

/**
 * Creates an application with a client secret. The secret is in this answer and nowhere else: only its hash is kept.
 * For the service itself only.
 */
export async function createServicePrincipal(
  ctx: Ctx,
  app: { id?: string; appId?: string; displayName: string },
): Promise<{ principal: Principal; appId: string; secret: string }> {
  const appId = app.appId ?? newId()
  const secret = newClientSecret()
  const secretHash = await hashSecret(secret)
  const principal = await create(ctx, { ...app, kind: 'ServicePrincipal', appId, secretHash })
  return { principal, appId, secret }
}

/** Replaces an application's client secret; the old one stops working at once. For the service itself only. */
export async function resetClientSecret(ctx: Ctx, appId: string): Promise<string> {
  requireService(ctx)
  const secret = newClientSecret()
  const secretHash = await hashSecret(secret)
  await transact(ctx, async (tx) => {
    const app = await store.findObjectByAppId(tx.db, tx.tenantId, appId)
    if (app) await store.saveSecretHash(tx.db, app.objectId, secretHash)
  })
  return secret
}
