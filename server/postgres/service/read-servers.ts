import { listActivity } from '@/server/activity/service'
import type { Envelope, KeyAccess } from '@/server/encryption/model'
import { listCurrentEnvelopes } from '@/server/encryption/service'
import type { Permission } from '@/server/identity/contract'
import {
  authorize,
  canEach,
  listSubscriptions,
  permissionJudge,
  readableFilter,
  readableScopes,
} from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { sameId } from '@/server/kernel/resource-id'
import { parseKeyIdentifier } from '@/server/keys/model'
import type {
  EncryptionInput,
  KeyMemberView,
  KeyUseView,
  PreflightView,
  RewrapBatchView,
  RuleResult,
  ServerDetailView,
  ServerView,
  StandbyView,
} from '../contract'
import { nextSweepAt } from '../key-access.sweep'
import {
  COMMANDS,
  commandAllowed,
  hasStandby,
  highAvailabilityState,
  isVersionless,
  type KeyUse,
  keyMembers,
  keyUses,
  type ServerCommand,
  type ServerRecord,
} from '../model'
import { judgeEncryption, pendingPermission } from '../preconditions'
import type { FixKind, JudgedRule, KeyFacts } from '../rules'
import * as store from '../store'
import { listBatches } from '../store/key-access'

export const ACTIONS: Record<ServerCommand, string> = {
  updateEncryption: 'Microsoft.DBforPostgreSQL/flexibleServers/write',
  delete: 'Microsoft.DBforPostgreSQL/flexibleServers/delete',
  checkKeyAccess: 'Microsoft.DBforPostgreSQL/flexibleServers/read',
  stop: 'Microsoft.DBforPostgreSQL/flexibleServers/stop/action',
  start: 'Microsoft.DBforPostgreSQL/flexibleServers/start/action',
  restart: 'Microsoft.DBforPostgreSQL/flexibleServers/restart/action',
  resetPassword: 'Microsoft.DBforPostgreSQL/flexibleServers/write',
  scale: 'Microsoft.DBforPostgreSQL/flexibleServers/write',
  manageDatabases: 'Microsoft.DBforPostgreSQL/flexibleServers/databases/write',
  setParameters: 'Microsoft.DBforPostgreSQL/flexibleServers/configurations/write',
  updateNetworking: 'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules/write',
  backUp: 'Microsoft.DBforPostgreSQL/flexibleServers/backups/write',
  deleteBackup: 'Microsoft.DBforPostgreSQL/flexibleServers/backups/delete',
  restore: 'Microsoft.DBforPostgreSQL/flexibleServers/write',
}

const HISTORY = 100

/** The servers that the caller may read, by name. */
export async function listServers(ctx: Ctx): Promise<ServerView[]> {
  const readable = await readableFilter(ctx)
  const servers = (await store.listServers(ctx.db, ctx.tenantId)).filter((s) => readable(s.id))
  return toViews(ctx, servers)
}

/** @throws AppError `ResourceNotFound`, `AuthorizationFailed`. */
export async function getServer(ctx: Ctx, name: string): Promise<ServerDetailView> {
  const server = await store.findServer(ctx.db, { name })
  if (!server || server.tenantId !== ctx.tenantId)
    throw new AppError('ResourceNotFound', { publicMessage: `There is no server ${name}.` })
  await authorize(ctx, 'Microsoft.DBforPostgreSQL/flexibleServers/read', server.id)
  const [view] = await toViews(ctx, [server])
  const [history, standbyHistory, activity] = await Promise.all([
    store.listStateChanges(ctx.db, server.id, HISTORY).then(toHistory),
    store.listStandbyChanges(ctx.db, server.id, HISTORY).then(toHistory),
    readableScopes(ctx, 'Microsoft.Insights/eventtypes/values/read').then((scopes) =>
      listActivity(ctx, { resourceId: server.id, limit: 20, scopes }),
    ),
  ])
  return { ...view!, activity, history, standbyHistory }
}

type Change<From, To> = { at: Date; from: From; to: To; cause: { title?: string } | null; correlationId: string }

const toHistory = <From, To>(changes: Change<From, To>[]) =>
  changes.map(({ at, cause, ...change }) => ({ ...change, at: at.toISOString(), title: cause?.title ?? '' }))

/** Servers that depend on a key store, a key, a key version or an identity; for previews of what a change would break. */
export async function serversUsingKey(
  ctx: Ctx,
  by: { storeName?: string; keyName?: string; version?: string; identityId?: string },
): Promise<ServerView[]> {
  const servers = await store.listServers(ctx.db, ctx.tenantId)
  const envelopes = byServer(
    await listCurrentEnvelopes(
      ctx,
      servers.map((s) => s.id),
    ),
  )
  const uses = (server: ServerRecord) =>
    keyUses(server).some((use) => {
      if (by.identityId) return use.identity !== null && sameId(use.identity.identityId, by.identityId)
      const kid = envelopes.get(server.id)?.find((e) => e.role === use.role)?.kid ?? use.keyUri
      const id = parseKeyIdentifier(kid)
      if (!id || !by.storeName || !sameId(id.storeName, by.storeName)) return false
      if (by.keyName && !sameId(id.keyName, by.keyName)) return false
      return !by.version || id.version === by.version
    })
  return toViews(
    ctx,
    servers.filter((s) => s.encryptionType === 'AzureKeyVault' && uses(s)),
  )
}

const BATCHES = 20

/** How the servers on a key took up its newer versions; the caller has made sure that the person may read the key. */
export const listRewraps = (
  ctx: Ctx,
  key: { storeType: 'vault' | 'managedhsm'; storeName: string; keyName: string },
): Promise<RewrapBatchView[]> => listBatches(ctx.db, { tenantId: ctx.tenantId, ...key, limit: BATCHES })

async function toViews(ctx: Ctx, servers: ServerRecord[]): Promise<ServerView[]> {
  const ids = servers.map((s) => s.id)
  const [envelopes, rules, nextCheckAt, nextStandbyCheckAt, subscriptions, judge] = await Promise.all([
    listCurrentEnvelopes(ctx, ids).then(byServer),
    store.listFirewallRules(ctx.db, ids).then(byServer),
    nextSweepAt(ctx, 'server'),
    nextSweepAt(ctx, 'standby'),
    listSubscriptions(ctx),
    permissionJudge(ctx),
  ])
  const names = new Map(subscriptions.map((s) => [s.id, s.name]))
  return servers.map((server) => ({
    ...propertiesOf(server),
    subscriptionName: names.get(server.subscriptionId) ?? server.subscriptionId,
    firewallRules: (rules.get(server.id) ?? []).map(({ name, startIp, endIp }) => ({ name, startIp, endIp })),
    encryption: {
      type: server.encryptionType,
      ...usesView(server, envelopes.get(server.id) ?? []),
      members: membersOf(server, { server: nextCheckAt, standby: nextStandbyCheckAt }),
      keyAccess: server.keyAccess,
      checkedAt: server.keyCheckedAt?.toISOString() ?? null,
      nextCheckAt: nextCheckAt?.toISOString() ?? null,
    },
    permissions: permissionsOf(judge, server),
  }))
}

/** Each row of a list by the server that it belongs to: looking through the list for each would cost its square. */
function byServer<T extends { serverId: string }>(rows: T[]): Map<string, T[]> {
  const map = new Map<string, T[]>()
  for (const row of rows) map.set(row.serverId, [...(map.get(row.serverId) ?? []), row])
  return map
}

const membersOf = (server: ServerRecord, next: Record<'server' | 'standby', Date | null>): KeyMemberView[] =>
  keyMembers(server).map(({ member, role, zone }) => {
    const standby = member === 'standby'
    const verdict = standby ? server.standbyKeyAccess : server.keyAccess
    const checkedAt = standby ? server.standbyCheckedAt : server.keyCheckedAt
    return {
      ...{ member, role, zone },
      status: verdict && (verdict.accessible || verdict.role !== role ? 'Valid' : 'Invalid'),
      checkedAt: checkedAt?.toISOString() ?? null,
      nextCheckAt: next[standby ? 'standby' : 'server']?.toISOString() ?? null,
    }
  })

const standbyOf = (server: ServerRecord): StandbyView | null =>
  hasStandby(server)
    ? {
        state: server.standbyState,
        since: server.standbySince?.toISOString() ?? null,
        keyAccess: server.standbyKeyAccess,
      }
    : null

function propertiesOf(server: ServerRecord) {
  const { properties: p } = server
  return {
    id: server.id,
    name: server.name,
    fqdn: `${server.name}.postgres.localhost`,
    subscriptionId: server.subscriptionId,
    resourceGroup: server.resourceGroup,
    location: server.location,
    version: server.version,
    state: server.state,
    stateSince: server.stateSince.toISOString(),
    administratorLogin: server.adminLogin,
    sku: p.compute.sku,
    tier: p.compute.tier,
    storageGiB: p.storage.sizeGiB,
    backupRetentionDays: p.backup.retentionDays,
    geoRedundantBackup: p.backup.geoRedundant,
    highAvailability: p.highAvailability.mode,
    highAvailabilityState: highAvailabilityState(server),
    standby: standbyOf(server),
    availabilityZone: p.availabilityZone,
    publicAccess: p.networking.publicAccess,
    tags: server.tags,
    properties: p,
    attachedIdentityIds: server.identityIds,
    createdAt: server.createdAt.toISOString(),
    createdBy: server.createdBy,
    busyOperationId: server.busyOperationId,
    firstDeniedAt: server.firstDeniedAt?.toISOString() ?? null,
  }
}

function usesView(server: ServerRecord, envelopes: Envelope[]): { primary: KeyUseView | null; geo: KeyUseView | null } {
  const invalidRole = server.keyAccess && !server.keyAccess.accessible ? server.keyAccess.role : null
  const view = (use: KeyUse): KeyUseView => {
    const envelope = envelopes.find((e) => e.role === use.role)
    const managed = server.encryptionType === 'AzureKeyVault'
    return {
      identityId: use.identity?.identityId ?? null,
      identityName: use.identity?.identityId.split('/').at(-1) ?? null,
      principalId: use.identity?.principalId ?? null,
      keyUri: managed ? use.keyUri : '',
      autoUpdate: isVersionless(use.keyUri),
      wrappedByKid: envelope?.kid ?? null,
      wrappedAt: envelope?.createdAt.toISOString() ?? null,
      algorithm: envelope?.algorithm ?? null,
      envelopeSequence: envelope?.sequence ?? null,
      wrappedPreview: envelope ? Buffer.from(envelope.wrappedDek.subarray(0, 24)).toString('hex') : null,
      keyCheckValue: envelope ? Buffer.from(envelope.keyCheckValue).toString('hex') : null,
      status: invalidRole === use.role ? 'Invalid' : 'Valid',
    }
  }
  const [primary, geo] = keyUses(server)
  return { primary: primary ? view(primary) : null, geo: geo ? view(geo) : null }
}

type Judge = Awaited<ReturnType<typeof permissionJudge>>

/** What the caller may do now: the role first, then the server's state. */
function permissionsOf(judge: Judge, server: ServerRecord): ServerView['permissions'] {
  const commands = Object.keys(COMMANDS) as ServerCommand[]
  const questions = Object.fromEntries(commands.map((c) => [c, { action: ACTIONS[c], scope: server.id }])) as Record<
    ServerCommand,
    { action: string; scope: string }
  >
  const byRole = judge(questions)
  const byState = (command: ServerCommand): Permission => {
    if (!byRole[command].allowed) return byRole[command]
    if (server.busyOperationId)
      return { allowed: false, reason: 'Another operation is at work on this server.', missingRoles: [] }
    if (!commandAllowed(command, server.state))
      return { allowed: false, reason: `Not possible while the server is ${server.state}.`, missingRoles: [] }
    return { allowed: true }
  }
  return Object.fromEntries(commands.map((c) => [c, byState(c)])) as ServerView['permissions']
}

const FIXES: Record<FixKind, { label: string; action: (facts: KeyFacts) => { action: string; scope: string } }> = {
  assignRole: {
    label: 'Assign the role',
    action: (f) => ({ action: 'Microsoft.Authorization/roleAssignments/write', scope: f.store!.id }),
  },
  grantPolicy: {
    label: 'Grant the access policy',
    action: (f) => ({ action: 'Microsoft.KeyVault/vaults/write', scope: f.store!.id }),
  },
  enablePurgeProtection: {
    label: 'Turn on purge protection',
    action: (f) => ({ action: 'Microsoft.KeyVault/vaults/write', scope: f.store!.id }),
  },
  allowTrustedServices: {
    label: 'Allow trusted services',
    action: (f) => ({ action: 'Microsoft.KeyVault/vaults/write', scope: f.store!.id }),
  },
  enableKey: {
    label: 'Enable the key',
    action: (f) => ({ action: 'Microsoft.KeyVault/vaults/read', scope: f.store!.id }),
  },
}

/** A role that is still taking effect is no refusal: the deployment waits for it. */
function waitingFor(until: Date, rule: JudgedRule): JudgedRule {
  if (rule.id !== 'identity-permission' || rule.status !== 'fail') return rule
  const message = `The role is assigned and takes effect on ${until.toISOString()}; the deployment waits for it.`
  return { ...rule, status: 'unknown', message, code: undefined, fix: undefined }
}

/** Every precondition judged for the chosen keys, with what could mend a broken one; nothing is changed. */
export async function preflight(
  ctx: Ctx,
  keyAccess: KeyAccess,
  input: { subscriptionId: string; location: string; encryption: EncryptionInput },
): Promise<PreflightView[]> {
  const judged = await judgeEncryption(ctx, keyAccess, input, input.encryption)
  const until = await pendingPermission(ctx, judged)
  return Promise.all(
    judged.map(async ({ role, facts, rules }) => ({
      role,
      rules: await Promise.all(
        (until ? rules.map((rule) => waitingFor(until, rule)) : rules).map(
          async ({ fix, code, ...rule }): Promise<RuleResult> => ({
            ...rule,
            code: code ?? null,
            fix:
              fix && facts.store
                ? {
                    kind: fix,
                    label: FIXES[fix].label,
                    permission: (await canEach(ctx, { fix: FIXES[fix].action(facts) })).fix,
                  }
                : null,
          }),
        ),
      ),
    })),
  )
}
