import 'server-only'
import { z } from 'zod'
import type { AuditView } from '@/server/activity/contract'
import type { AuditFilter } from '@/server/activity/model'
import { exportAudit, listAudit } from '@/server/activity/service'
import type { Permission } from '@/server/identity/contract'
import type { Ctx } from '@/server/kernel/context'
import { isAppError } from '@/server/kernel/errors'
import type { KeyView } from '@/server/keys/contract'
import { parseKeyIdentifier, type RotationPolicy } from '@/server/keys/model'
import { publicPem } from '@/server/keys/service/key-files'
import type { RewrapBatchView } from '@/server/postgres/contract'
import type { ServerState } from '@/server/postgres/model'
import { listRewraps, serversUsingKey } from '@/server/postgres/service'
import { answered, type KeyOperation, keysOf, mayOnKeys, type StoreRef, type StoreRefusal, storeOf } from './key-stores'
import { portalRuntime } from './runtime'

type May<Name extends KeyOperation> = Record<Name, Permission>

async function mayEach<Name extends KeyOperation>(
  ctx: Ctx,
  store: StoreRef,
  operations: readonly Name[],
  key?: string,
): Promise<May<Name>> {
  const answers = await Promise.all(operations.map((op) => mayOnKeys(ctx, store, op, key)))
  return Object.fromEntries(operations.map((op, i) => [op, answers[i]!])) as May<Name>
}

export type KeysView = {
  keys: KeyView[] | null
  refusal: StoreRefusal | null
  /** Names of the servers that each key serves, by lower-case key name. */
  servers: Record<string, string[]>
  permissions: May<'create' | 'import' | 'restore'>
}

/** The keys of a store, or the store's refusal. Each call is a request in the store's audit log. */
export async function readKeys(ctx: Ctx, store: StoreRef): Promise<KeysView> {
  await storeOf(ctx, store)
  const [{ data, refusal }, uses, permissions] = await Promise.all([
    answered(keysOf(ctx, store).views(portalRuntime().config.httpsPort)),
    keyUsesIn(ctx, store),
    mayEach(ctx, store, ['create', 'import', 'restore'] as const),
  ])
  const servers: KeysView['servers'] = {}
  for (const use of uses) servers[use.key] = [...new Set([...(servers[use.key] ?? []), use.server])]
  return { keys: data, refusal, servers, permissions }
}

/** A server that depends on the key, with the version that opens its envelope. */
export type KeyUser = {
  server: string
  state: ServerState
  keyRole: 'primary' | 'geo'
  /** Follows new versions by itself. */
  autoUpdate: boolean
  version: string | null
}

async function keyUsesIn(ctx: Ctx, { name, type }: StoreRef): Promise<(KeyUser & { key: string })[]> {
  const servers = await serversUsingKey(ctx, { storeName: name })
  return servers.flatMap((server) =>
    (['primary', 'geo'] as const).flatMap((keyRole) => {
      const use = server.encryption[keyRole]
      const id = use && parseKeyIdentifier(use.wrappedByKid ?? use.keyUri)
      if (!id || id.storeType !== type || id.storeName.toLowerCase() !== name.toLowerCase()) return []
      const { autoUpdate } = use
      const key = id.keyName.toLowerCase()
      return [{ key, server: server.name, state: server.state, keyRole, autoUpdate, version: id.version }]
    }),
  )
}

const KEY_PAGE_OPERATIONS = ['update', 'rotate', 'setRotationPolicy', 'backup', 'remove', 'recover', 'purge'] as const

export type KeyPage = {
  storeId: string
  /** Without it a key that is deleted is destroyed. */
  softDelete: boolean
  key: KeyView | null
  /** Set when the key is soft-deleted: it can be recovered until then. */
  deleted: DeletedKeyView | null
  refusal: StoreRefusal | null
  /** Null when there is none, or the person may not read it. */
  rotationPolicy: RotationPolicy | null
  users: KeyUser[]
  /** How its servers took up newer versions, newest first. */
  rewraps: RewrapBatchView[]
  permissions: May<(typeof KEY_PAGE_OPERATIONS)[number]>
}

/** One key with its versions and who depends on them. @throws AppError `KeyNotFound`, `VaultNotFound`. */
export async function readKey(ctx: Ctx, store: StoreRef, name: string): Promise<KeyPage> {
  const { id: storeId, softDelete } = await storeOf(ctx, store)
  const keys = keysOf(ctx, store)
  const [{ data: key, refusal }, uses, permissions] = await Promise.all([
    answered(keys.view(name, portalRuntime().config.httpsPort).catch(nullWhenMissing)),
    keyUsesIn(ctx, store),
    mayEach(ctx, store, KEY_PAGE_OPERATIONS, name),
  ])
  const policy = key && permissions.setRotationPolicy.allowed ? await answered(keys.getRotationPolicy(name)) : null
  const rewraps = key ? await listRewraps(ctx, { storeType: store.type, storeName: store.name, keyName: name }) : []
  const gone = key || refusal ? null : await answered(keys.getDeleted(name))
  return {
    storeId,
    softDelete,
    key,
    deleted: gone?.data ? toDeletedView(gone.data) : null,
    refusal: refusal ?? gone?.refusal ?? null,
    rotationPolicy: policy?.data ?? null,
    users: uses.filter((use) => use.key === name.toLowerCase()),
    rewraps,
    permissions,
  }
}

/** The public half of a key's version, as a PEM file holds it. @throws AppError `KeyNotFound`, `ForbiddenBy*`, `BadParameter`. */
export async function readPublicKey(
  ctx: Ctx,
  store: StoreRef,
  name: string,
  version: string | null,
): Promise<{ pem: string }> {
  await storeOf(ctx, store)
  return { pem: publicPem(await keysOf(ctx, store).get(name, version)) }
}

function nullWhenMissing(error: unknown): null {
  if (isAppError(error) && error.code === 'KeyNotFound') return null
  throw error
}

export type DeletedKeyView = { name: string; deletedAt: string | null; scheduledPurgeAt: string | null }
export type DeletedKeysView = {
  keys: DeletedKeyView[] | null
  refusal: StoreRefusal | null
  permissions: May<'recover' | 'purge'>
}

const toDeletedView = (key: {
  name: string
  deletedAt: Date | null
  scheduledPurgeAt: Date | null
}): DeletedKeyView => ({
  name: key.name,
  deletedAt: key.deletedAt?.toISOString() ?? null,
  scheduledPurgeAt: key.scheduledPurgeAt?.toISOString() ?? null,
})

export async function readDeletedKeys(ctx: Ctx, store: StoreRef): Promise<DeletedKeysView> {
  await storeOf(ctx, store)
  const [{ data, refusal }, permissions] = await Promise.all([
    answered(keysOf(ctx, store).listDeleted()),
    mayEach(ctx, store, ['recover', 'purge'] as const),
  ])
  return { keys: data?.map(toDeletedView) ?? null, refusal, permissions }
}

const AUDIT_PAGE = 100
const text = z.string().trim().min(1).max(200).optional().catch(undefined)
const auditFilter = z
  .object({
    operation: text,
    result: z.enum(['Success', 'Failure']).optional().catch(undefined),
    caller: text,
    address: text,
    correlation: text,
    /** Hours of the tenant's time back from now. */
    hours: z.coerce.number().positive().max(100_000).optional().catch(undefined),
  })
  .transform(({ operation, result, correlation, ...same }) => ({
    ...same,
    operationName: operation,
    resultType: result,
    correlationId: correlation?.toLowerCase(),
  }))
const auditPage = z.object({ before: z.coerce.number().int().positive().optional().catch(undefined) })

/** The filter that an address asks for; what is no filter is left out. */
function readFilter(ctx: Ctx, query: Record<string, string>): AuditFilter {
  const { hours, ...filter } = auditFilter.parse(query)
  return { ...filter, ...(hours && { from: new Date(ctx.now.getTime() - hours * 3_600_000) }) }
}

export type AuditPage = { events: AuditView[]; next: number | null }

/**
 * A page of a store's audit log, newest first. SIMULATED: whoever may read the store may read it; in Azure it goes to a
 * log workspace with rights of its own. @throws AppError `VaultNotFound`.
 */
export async function readAudit(ctx: Ctx, store: StoreRef, query: Record<string, string>): Promise<AuditPage> {
  const { before } = auditPage.parse(query)
  const { id } = await storeOf(ctx, store)
  const events = await listAudit(ctx, { ...readFilter(ctx, query), storeId: id, before, limit: AUDIT_PAGE })
  return { events, next: events.length === AUDIT_PAGE ? events[AUDIT_PAGE - 1]!.seq : null }
}

/** The chained records that fit the filter, oldest first, for a file. @throws AppError `VaultNotFound`. */
export async function exportAuditOf(
  ctx: Ctx,
  store: StoreRef,
  query: Record<string, string>,
): Promise<AsyncIterable<object>> {
  const { id } = await storeOf(ctx, store)
  return exportAudit(ctx, { ...readFilter(ctx, query), storeId: id })
}
