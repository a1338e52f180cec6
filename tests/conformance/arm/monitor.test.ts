import { MonitorClient } from '@azure/arm-monitor'
import { MicrosoftResourceHealth } from '@azure/arm-resourcehealth'
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline'
import { describe, expect, it } from 'vitest'
import { countFiredAlerts } from '@/server/alerts/service'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createServicePrincipal, issueToken } from '@/server/identity/service'
import { vaultKeys } from '@/server/keyvault/service'
import { fleetGauges } from '@/server/monitor/service'
import { handleArm } from '@/server/surfaces/arm/handler'
import { SUBSCRIPTION_ID, TENANT_ID } from '../../support/tenant'
import { customerManaged, GROUP, testWorld, VAULT } from '../../support/world'

const world = await testWorld()
const { db } = world.engine
const ctx = await world.ctx()
const SUB = `/subscriptions/${SUBSCRIPTION_ID}`
const { principal } = await createServicePrincipal(ctx, { displayName: 'monitor' })
await assignRole(ctx, { scope: SUB, roleDefinitionId: ROLE_IDS.owner, principalId: principal.objectId })

/** The genuine clients, on our handler without a socket. */
const httpClient: HttpClient = {
  async sendRequest(request) {
    const headers = [...request.headers].map(([name, value]): [string, string] => [name, value])
    const body = request.body as string | undefined
    const env = { ...world.engine.wiring.surfaceEnv, caller: { address: '127.0.0.1' } }
    const answer = await handleArm(new Request(request.url, { method: request.method, headers, body }), env)
    return {
      request,
      status: answer.status,
      headers: createHttpHeaders(Object.fromEntries(answer.headers)),
      bodyAsText: await answer.text(),
    }
  },
}
const credential = {
  async getToken() {
    const now = (await world.ctx()).now
    const about = {
      tenantId: TENANT_ID,
      principal,
      audience: 'https://management.azure.com',
      now,
      lifetimeSeconds: 3600,
    }
    return { token: await issueToken(world.engine.wiring.surfaceEnv, about), expiresOnTimestamp: 8e15 }
  },
}
const options = { endpoint: 'https://management.localhost:8443', httpClient, retryOptions: { maxRetries: 0 } }
const monitor = new MonitorClient(credential, SUBSCRIPTION_ID, options)
const health = new MicrosoftResourceHealth(credential, SUBSCRIPTION_ID, options)

const identity = await world.makeIdentity('id-monitor')
await world.grant(identity.principalId)
const key = await world.makeKey('monitor-key')
await world.provision('monitored', customerManaged(identity.id, key.versionless, true))
const serverId = (await world.server('monitored')).id
const collect = async <T>(pages: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = []
  for await (const one of pages) all.push(one)
  return all
}

describe('the genuine monitoring clients', () => {
  it('create, read and delete an action group, an activity-log rule and a metric rule', async () => {
    const group = await monitor.actionGroups.createOrUpdate(GROUP, 'ag', {
      location: 'Global',
      groupShortName: 'ag',
      enabled: true,
      emailReceivers: [{ name: 'me', emailAddress: 'me@contoso.example' }],
      webhookReceivers: [{ name: 'hook', serviceUri: 'https://hooks.contoso.example/x' }],
    })
    expect(group).toMatchObject({ type: 'Microsoft.Insights/actionGroups', groupShortName: 'ag', enabled: true })
    expect(JSON.stringify(group)).not.toMatch(/secret/i)
    const rule = await monitor.activityLogAlerts.createOrUpdate(GROUP, 'inaccessible', {
      location: 'Global',
      scopes: [SUB],
      condition: {
        allOf: [
          { field: 'category', equals: 'ResourceHealth' },
          { field: 'properties.currentHealthStatus', equals: 'Unavailable' },
        ],
      },
      actions: { actionGroups: [{ actionGroupId: group.id! }] },
    })
    expect(rule).toMatchObject({ enabled: true, scopes: [SUB] })
    const metric = await monitor.metricAlerts.createOrUpdate(GROUP, 'slow', {
      location: 'global',
      severity: 3,
      enabled: true,
      scopes: [world.vaultId],
      evaluationFrequency: 'PT5M',
      windowSize: 'PT15M',
      criteria: {
        odataType: 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria',
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion',
            name: 'latency',
            metricName: 'ServiceApiLatency',
            metricNamespace: 'Microsoft.KeyVault/vaults',
            operator: 'GreaterThan',
            threshold: 1e9,
            timeAggregation: 'Average',
            dimensions: [],
          },
        ],
      },
      actions: [{ actionGroupId: group.id! }],
    })
    expect(metric).toMatchObject({ severity: 3, windowSize: 'PT15M', evaluationFrequency: 'PT5M', autoMitigate: true })
    expect((await collect(monitor.metricAlerts.listBySubscription())).map((r) => r.name)).toEqual(['slow'])
    await monitor.metricAlerts.delete(GROUP, 'slow')
    expect(await collect(monitor.metricAlerts.listByResourceGroup(GROUP))).toEqual([])
  })

  it('read the activity log with correlation ids', async () => {
    const filter = `eventTimestamp ge '2029-12-31T00:00:00Z' and resourceUri eq '${serverId}'`
    const events = await collect(monitor.activityLogs.list(filter))
    expect(events.length).toBeGreaterThan(0)
    for (const event of events) expect(event.correlationId).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('see the health of a server go down with its first refused connection only, and its metric at once', async () => {
    await world.advance(600)
    expect((await health.availabilityStatuses.getByResource(serverId)).properties).toMatchObject({
      availabilityState: 'Available',
      reasonChronicity: 'Persistent',
    })
    await vaultKeys(await world.ctx(), VAULT).update('monitor-key', null, { enabled: false })
    await world.advance(3600)
    expect((await world.server('monitored')).state).toBe('Inaccessible')
    const before = await health.availabilityStatuses.getByResource(serverId)
    expect(before.properties?.availabilityState).toBe('Available')
    expect(before.properties?.summary).toContain('no connection has been refused')
    expect(before.properties?.recommendedActions?.[0]?.action).toContain('Enable')
    expect((await collect(health.availabilityStatuses.list(serverId))).length).toBeGreaterThan(1)
    expect((await collect(health.availabilityStatuses.listBySubscriptionId())).map((s) => s.id)).toEqual([
      `${serverId}/providers/Microsoft.ResourceHealth/AvailabilityStatuses/current`,
    ])
    const { now } = await world.ctx()
    const timespan = `${new Date(now.getTime() - 3_600_000).toISOString()}/${now.toISOString()}`
    const alive = await monitor.metrics.list(serverId, {
      metricnames: 'is_db_alive',
      timespan,
      interval: 'PT1M',
      aggregation: 'Maximum',
    })
    const points = alive.value[0]?.timeseries[0]?.data?.map((p) => p.maximum)
    expect([points?.[0], points?.at(-1)]).toEqual([1, 0])
    expect(alive.interval).toBe('PT1M')
  })

  it('find the metrics of a vault with their dimensions, counted from its audit log', async () => {
    const names = (await collect(monitor.metricDefinitions.list(world.vaultId))).map((d) => d.name?.value)
    expect(names).toEqual(
      expect.arrayContaining(['Availability', 'ServiceApiHit', 'ServiceApiLatency', 'SaturationShoebox']),
    )
    const { now } = await world.ctx()
    const timespan = `${new Date(now.getTime() - 7_200_000).toISOString()}/${new Date(now.getTime() + 1000).toISOString()}`
    const hits = await monitor.metrics.list(world.vaultId, {
      metricnames: 'ServiceApiResult',
      timespan,
      interval: 'PT1H',
      aggregation: 'Count',
      filter: "StatusCode eq '*'",
    })
    const counts = Object.fromEntries(
      (hits.value[0]?.timeseries ?? []).map((s) => [
        s.metadatavalues?.[0]?.value,
        s.data?.reduce((sum, p) => sum + (p.count ?? 0), 0),
      ]),
    )
    const rows = await db.auditEvent.groupBy({
      by: ['httpStatusCode'],
      where: { storeId: world.vaultId },
      _count: true,
    })
    expect(counts).toEqual(Object.fromEntries(rows.map((r) => [String(r.httpStatusCode), r._count])))
    await expect(monitor.metrics.list(world.vaultId, { metricnames: 'cpu_percent' })).rejects.toThrow(/Valid metrics/)
  })

  it('raised the alert by the rule that they made, and Prometheus counts it', async () => {
    await expect.poll(async () => (await countFiredAlerts(await world.ctx())).length).toBe(1)
    const { body } = await fleetGauges(db)
    expect(body).toContain('portcullis_servers{state="Inaccessible",encryption="AzureKeyVault"} 1')
    expect(body).toContain('portcullis_alerts_fired{severity="4"} 1')
    expect(body).toMatch(/portcullis_key_probes [1-9]/)
    expect(body).not.toContain('monitored')
  })
})
