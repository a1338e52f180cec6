import { listAlertRules } from '@/server/alerts/service'
import { canEach, lockedScopes, readableFilter } from '@/server/identity/service'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { resourceGroupId, scopeContains } from '@/server/kernel/resource-id'
import { parseKeyIdentifier } from '@/server/keys/model'
import type { AdviceFix, AdvisorView, ServerAdvice } from './contract'
import { type AdviceFacts, type JudgedAdvice, judgeAdvice, meanOf, scoreOf } from './rules'
import * as store from './store'

const FLEET = 'fleet'
const SAMPLE_MS = 6 * 3_600_000
const HISTORY_MS = 93 * 86_400_000

type Judged = { server: store.ServerRow; storeId: string | null; advice: JudgedAdvice[] }

/** Judges every server of the tenant by what the service itself sees. */
async function judgeAll(ctx: Ctx): Promise<Judged[]> {
  const service = { ...ctx, principal: SERVICE_PRINCIPAL }
  const { db, tenantId } = ctx
  const [servers, stores, keys, backups, audits, identities, rules] = await Promise.all([
    store.findServers(db, tenantId),
    store.findStores(db, tenantId),
    store.findKeys(db, tenantId),
    store.findBackups(db, tenantId),
    store.countAuditRecords(db, tenantId),
    store.findIdentityLocations(db, tenantId),
    listAlertRules(service),
  ])
  const locked = await lockedScopes(
    service,
    stores.map((s) => s.id),
  )
  const storeByName = new Map(stores.map((s) => [s.name.toLowerCase(), s]))
  const place = (storeId: string, name: string) => `${storeId} ${name}`.toLowerCase()
  const keyByPlace = new Map(keys.map((k) => [place(k.storeId, k.nameKey), k]))
  const backupByPlace = new Map(backups.map((b) => [place(b.storeId, b.nameKey), b.at]))
  const enabled = rules.filter((r) => r.enabled)
  return servers.map((server) => {
    const id = parseKeyIdentifier(server.primaryKeyUri)
    const found = id ? storeByName.get(id.storeName.toLowerCase()) : undefined
    const at = id && found ? place(found.id, id.keyName) : ''
    const key = keyByPlace.get(at)
    const watching = enabled.filter((r) => r.scopes.some((scope) => scopeContains(scope, server.id)))
    const facts: AdviceFacts = {
      autoUpdate: id?.version === null,
      location: server.location,
      store: found
        ? {
            softDeleteDays: found.softDeleteDays,
            purgeProtection: found.purgeProtection,
            restricted: !found.publicNetworkAccess || found.networkAcls.defaultAction === 'Deny',
            trustedBypass: found.networkAcls.bypass === 'AzureServices',
            locked: locked.has(found.id),
            auditRecords: audits.get(found.id.toLowerCase()) ?? 0,
          }
        : null,
      key: key ? { keySize: key.keySize, backedUpAt: backupByPlace.get(at) ?? null } : null,
      identityLocation: identities.get((server.primaryIdentityId ?? '').toLowerCase()) ?? null,
      alertRules: watching.filter((r) => JSON.stringify(r.condition).includes('ResourceHealth')).map((r) => r.name),
      overdueRule: watching.some((r) => JSON.stringify(r.condition).includes('key_version_lag')),
    }
    return { server, storeId: found?.id ?? null, advice: judgeAdvice(facts) }
  })
}

const LABELS: Record<AdviceFix, string> = {
  enablePurgeProtection: 'Turn on purge protection',
  allowTrustedServices: 'Allow trusted services',
  lockStore: 'Lock it against deletion',
  createAlertRule: 'Create the alert rule',
}

/** Every recommendation for each server that the caller may read, with what one button could do. */
export async function advise(ctx: Ctx): Promise<AdvisorView> {
  const [judged, readable, history] = await Promise.all([
    judgeAll(ctx),
    readableFilter(ctx),
    store.findScores(ctx.db, ctx.tenantId, FLEET, new Date(ctx.now.getTime() - HISTORY_MS)),
  ])
  const mine = judged.filter((j) => readable(j.server.id))
  const servers = await Promise.all(mine.map((j) => toAdvice(ctx, j)))
  return {
    score: meanOf(servers.map((s) => s.score)),
    servers,
    history: history.map((h) => ({ at: h.at.toISOString(), score: h.score })),
  }
}

async function toAdvice(ctx: Ctx, { server, storeId, advice }: Judged): Promise<ServerAdvice> {
  const group = resourceGroupId(server.subscriptionId, server.resourceGroup)
  const storeWrite = {
    action: `${storeId?.includes('managedHSMs') ? 'Microsoft.KeyVault/managedHSMs' : 'Microsoft.KeyVault/vaults'}/write`,
    scope: storeId ?? '/',
  }
  const may = await canEach(ctx, {
    enablePurgeProtection: storeWrite,
    allowTrustedServices: storeWrite,
    lockStore: { action: 'Microsoft.Authorization/locks/write', scope: storeId ?? '/' },
    createAlertRule: { action: 'Microsoft.Insights/activityLogAlerts/write', scope: group },
  })
  const { id: serverId, name, resourceGroup, subscriptionId, primaryKeyUri: keyUri } = server
  return {
    ...{ serverId, name, resourceGroup, subscriptionId, keyUri },
    score: scoreOf(advice),
    failed: advice.filter((a) => a.status === 'fail').length,
    checks: advice.map(({ fix, ...rest }) => ({
      ...rest,
      fix: fix ? { kind: fix, label: LABELS[fix], permission: may[fix] } : null,
    })),
  }
}

/**
 * Samples the scores when the last sample is 6 hours old, and gives the writes: the fleet's always, a server's when it
 * changed.
 */
export async function scoreFleet(ctx: Ctx): Promise<(tx: Ctx) => Promise<void>> {
  const last = new Map((await store.findLastScores(ctx.db, ctx.tenantId)).map((row) => [row.subject, row]))
  const before = last.get(FLEET)
  if (before && ctx.now.getTime() - before.at.getTime() < SAMPLE_MS) return async () => undefined
  const judged = await judgeAll(ctx)
  if (judged.length === 0) return async () => undefined
  const count = (advice: JudgedAdvice[], status: string) => advice.filter((a) => a.status === status).length
  const rows = judged.map(({ server, advice }) => ({
    subject: server.id.toLowerCase(),
    at: ctx.now,
    score: scoreOf(advice),
    passed: count(advice, 'pass'),
    failed: count(advice, 'fail'),
  }))
  const sum = (of: (row: store.ScoreRow) => number) => rows.reduce((n, row) => n + of(row), 0)
  const fleet = {
    subject: FLEET,
    at: ctx.now,
    score: meanOf(rows.map((r) => r.score)) ?? 100,
    passed: sum((r) => r.passed),
    failed: sum((r) => r.failed),
  }
  const changed = rows.filter((r) => last.get(r.subject)?.score !== r.score)
  return (tx) => store.insertScores(tx.db, tx.tenantId, [fleet, ...changed])
}
