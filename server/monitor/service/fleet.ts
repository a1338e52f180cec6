import { ROLE_IDS } from '@/server/identity/model'
import { listSubscriptions, readableFilter } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { parseKeyIdentifier } from '@/server/keys/model'
import { CAUSES, type KeyAccessCause, type ServerState } from '@/server/postgres/model'
import type { FleetTilesView, HorizonView, Lane, LaneMarker, SwimlanesView } from '../contract/fleet'
import * as store from '../store'

/** Gives each distinct text one index. */
function column<T>(keyOf: (value: T) => string = String) {
  const values: T[] = []
  const index = new Map<string, number>()
  const at = (value: T | null): number => {
    if (value === null) return -1
    const key = keyOf(value)
    const known = index.get(key)
    if (known !== undefined) return known
    index.set(key, values.length)
    return values.push(value) - 1
  }
  return { values, at }
}

/**
 * The readable servers as columns, now or as they were at an earlier instant: those that were there then, in the state
 * they were in, with the cause that was found. Keys and regions are today's.
 */
export async function fleetTiles(ctx: Ctx, at: Date | null = null): Promise<FleetTilesView> {
  const past = at !== null && at < ctx.now
  const [rows, readable, subscriptions] = await Promise.all([
    past ? store.findTilesAt(ctx.db, ctx.tenantId, at) : store.findTiles(ctx.db, ctx.tenantId),
    readableFilter(ctx),
    listSubscriptions(ctx),
  ])
  const names = new Map(subscriptions.map((s) => [s.id, s.name]))
  const states = column<ServerState>()
  const subs = column<{ id: string; name: string }>((s) => s.id)
  const [regions, stores, keys, causes] = [column<string>(), column<string>(), column<string>(), column<string>()]
  const view: FleetTilesView = {
    atMs: (past ? at : ctx.now).getTime(),
    past,
    names: [],
    states: states.values,
    state: [],
    sinceMs: [],
    subscriptions: subs.values,
    subscription: [],
    regions: regions.values,
    region: [],
    stores: stores.values,
    store: [],
    keys: keys.values,
    key: [],
    causes: causes.values,
    cause: [],
  }
  for (const row of rows.filter((r) => readable(r.id))) {
    const id = row.customerManaged ? parseKeyIdentifier(row.keyUri) : null
    view.names.push(row.name)
    view.state.push(states.at(row.state))
    view.sinceMs.push(row.since.getTime())
    view.subscription.push(
      subs.at({ id: row.subscriptionId, name: names.get(row.subscriptionId) ?? row.subscriptionId }),
    )
    view.region.push(regions.at(row.location))
    view.store.push(stores.at(id?.storeName ?? null))
    view.key.push(keys.at(id && `${id.storeName}/${id.keyName}`))
    view.cause.push(causes.at(row.state === 'Inaccessible' ? causeTitle(row.cause) : null))
  }
  return view
}

const causeTitle = (cause: string | null): string | null => (cause && CAUSES[cause as KeyAccessCause]?.title) || null

const MAX_LANES = 200
const MAX_MARKERS = 500
/** Roles that identities of servers have. */
const KEY_ROLES = [ROLE_IDS.keyVaultCryptoServiceEncryptionUser, ROLE_IDS.keyVaultCryptoUser]

/**
 * The states of servers over a span, and what happened to keys, roles, vaults and identities in it. At most 200 lanes:
 * those that changed state come first.
 */
export async function swimlanes(
  ctx: Ctx,
  span: { from: Date; to: Date; servers?: string[]; subscriptionId?: string },
): Promise<SwimlanesView> {
  const to = new Date(Math.min(span.to.getTime(), ctx.now.getTime()))
  const [rows, readable] = await Promise.all([
    store.findLaneChanges(ctx.db, ctx.tenantId, span.from, to),
    readableFilter(ctx),
  ])
  const lanes = new Map<string, store.LaneChange[]>()
  for (const row of rows) lanes.set(row.serverId, [...(lanes.get(row.serverId) ?? []), row])
  const wanted = [...lanes].filter(
    ([id]) =>
      readable(id) &&
      (!span.servers?.length || span.servers.includes(nameOf(id))) &&
      (!span.subscriptionId || id.toLowerCase().startsWith(`/subscriptions/${span.subscriptionId.toLowerCase()}/`)),
  )
  wanted.sort(([a, x], [b, y]) => y.length - x.length || nameOf(a).localeCompare(nameOf(b), 'en'))
  const asked = { from: span.from, to, limit: MAX_MARKERS, keyRoles: KEY_ROLES }
  const markers = await store.findMarkers(ctx.db, ctx.tenantId, asked)
  return {
    fromMs: span.from.getTime(),
    toMs: to.getTime(),
    lanes: wanted.slice(0, MAX_LANES).map(([id, changes]) => toLane(id, changes, span.from.getTime(), to.getTime())),
    markers: markers.filter((m) => readable(storeOf(m.resourceId))).map(toMarker),
    truncated: wanted.length > MAX_LANES || markers.length === MAX_MARKERS,
  }
}

const nameOf = (id: string): string => id.split('/').at(-1) ?? id
/** The resource that an event is about, whatever of it was touched. */
const storeOf = (id: string): string =>
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+/i.exec(id)?.[0] ?? id

function toLane(id: string, changes: store.LaneChange[], fromMs: number, toMs: number): Lane {
  return {
    server: nameOf(id),
    segments: changes.map((change, i) => ({
      fromMs: Math.max(change.at.getTime(), fromMs),
      toMs: changes[i + 1]?.at.getTime() ?? toMs,
      state: change.to,
      title: change.title ?? change.to,
    })),
  }
}

function toMarker(row: store.MarkerRow): LaneMarker {
  const op = row.operationName.toLowerCase()
  const kind = op.startsWith('key')
    ? 'key'
    : op.includes('roleassignments')
      ? 'role'
      : op.includes('userassignedidentities')
        ? 'identity'
        : op.includes('resourcehealth')
          ? 'health'
          : 'vault'
  return { atMs: row.at.getTime(), kind, title: inWords(row.title), resourceId: row.resourceId }
}

const KEY_DEEDS: Record<string, string> = {
  KeyCreate: 'New version of the key',
  KeyImport: 'New version, imported, of the key',
  KeyUpdate: 'Change of the key',
  KeyRotate: 'Rotation of the key',
  KeyRotateIfDue: 'Rotation by policy of the key',
  KeyDelete: 'Deletion of the key',
  KeyRecover: 'Recovery of the key',
  KeyPurge: 'Purge of the key',
  KeyRestore: 'Restoration of the key',
}
/** The audit log names operations as code does. */
const inWords = (title: string): string => title.replace(/^Key[A-Za-z]+(?= )/, (op) => KEY_DEEDS[op] ?? op)

/** Versions of keys in readable stores by time to expiry or rotation, with the servers that each one opens. */
export async function expiryHorizon(ctx: Ctx): Promise<HorizonView> {
  const [rows, orphans, readable] = await Promise.all([
    store.findKeyHorizon(ctx.db, ctx.tenantId),
    store.findServersWithoutIdentity(ctx.db, ctx.tenantId),
    readableFilter(ctx),
  ])
  return {
    now: ctx.now.toISOString(),
    withoutIdentity: orphans.filter(readable).map(nameOf),
    keys: rows
      .filter((r) => readable(r.storeId))
      .map(({ storeId, servers, expires, nextRotation, ...key }) => ({
        ...key,
        storeType: /\/managedHSMs\//i.test(storeId) ? ('managedhsm' as const) : ('vault' as const),
        store: nameOf(storeId),
        expires: expires?.toISOString() ?? null,
        nextRotation: nextRotation?.toISOString() ?? null,
        servers: servers.filter(readable).map(nameOf),
      })),
  }
}
