import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordActivity } from '@/server/activity/service'
import type { AlertRuleDraft } from '@/server/alerts/contract'
import { signWebhook } from '@/server/alerts/crypto'
import type { CommonAlert } from '@/server/alerts/model'
import {
  changeAlertState,
  type DeliveryDeps,
  deliverDue,
  evaluateActivityAlerts,
  evaluateMetricAlerts,
  getAlert,
  inbox,
  listAlerts,
  listDeliveries,
  markInboxSeen,
  saveActionGroup,
  saveAlertRule,
  saveProcessingRule,
  testActionGroup,
} from '@/server/alerts/service'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createResourceGroup, createServicePrincipal } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { createVault, vaultKeys } from '@/server/keyvault/service'
import { sampleMetrics } from '@/server/metrics/service'
import { codeOf, vaultInput } from '../support/key-stores'
import { later, SUBSCRIPTION_ID, testTenant } from '../support/tenant'

const { db, service, as } = await testTenant()
const SUB = `/subscriptions/${SUBSCRIPTION_ID}`
await createResourceGroup(service, { subscriptionId: SUBSCRIPTION_ID, name: 'rg', location: 'westeurope', tags: {} })
const place = { subscriptionId: SUBSCRIPTION_ID, resourceGroup: 'rg' }
const serverId = (name: string) =>
  `${SUB}/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`

/** A receiver that answers what it is told, and keeps what it got. */
type Got = { headers: IncomingHttpHeaders; body: string; path: string }
const got: Got[] = []
let answers: number[] = []
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    got.push({ headers: request.headers, body: Buffer.concat(chunks).toString(), path: request.url ?? '' })
    const status = answers.shift() ?? 200
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('not read')
  })
})
const mails: { to: string[]; text: string }[] = []
let refusals: number[] = []
const smtp = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onData(stream, session, done) {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const code = refusals.shift()
      if (code) return done(Object.assign(new Error('not now'), { responseCode: code }))
      mails.push({ to: session.envelope.rcptTo.map((r) => r.address), text: Buffer.concat(chunks).toString() })
      done()
    })
  },
})
beforeAll(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await new Promise((resolve) => receiver.close(resolve))
  await new Promise<void>((resolve) => smtp.close(resolve))
})
const hook = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`
const mailUrl = () => `smtp://127.0.0.1:${(smtp.server.address() as AddressInfo).port}`

const deps = (mail: DeliveryDeps['mail'] = null): DeliveryDeps => ({ mail, contextOf: async () => service })
/** Makes every attempt, those that wait in real time included. */
async function deliverAll(mail: DeliveryDeps['mail'] = null): Promise<void> {
  for (let round = 0; round < 8; round++) {
    await db.alertDelivery.updateMany({ where: { status: 'Pending' }, data: { nextAttemptMs: 0 } })
    if ((await deliverDue(db, deps(mail))) === 0) return
  }
}

async function groupOf(name: string, receivers: Parameters<typeof saveActionGroup>[1]['receivers']) {
  return saveActionGroup(service, { ...place, name, shortName: name.slice(0, 12), receivers })
}

const healthRule = (name: string, more: Partial<AlertRuleDraft> = {}): AlertRuleDraft =>
  ({
    ...place,
    name,
    kind: 'ActivityLog',
    severity: 0,
    scopes: [SUB],
    description: 'A server lost its key.',
    condition: {
      allOf: [
        { field: 'category', equals: 'ResourceHealth' },
        { field: 'properties.currentHealthStatus', equals: 'Unavailable' },
      ],
      resolveWhen: [{ field: 'status', equals: 'Resolved' }],
    },
    ...more,
  }) as AlertRuleDraft

const happen = (ctx: Ctx, name: string, healthy: boolean) =>
  recordActivity(ctx, {
    operationName: `Microsoft.Resourcehealth/healthevent/${healthy ? 'Resolved' : 'Activated'}/action`,
    category: 'ResourceHealth',
    resourceId: serverId(name),
    status: healthy ? 'Resolved' : 'Active',
    level: healthy ? 'Informational' : 'Critical',
    description: `${name} is ${healthy ? 'Ready again' : 'Inaccessible'}`,
    properties: { currentHealthStatus: healthy ? 'Available' : 'Unavailable', cause: 'UserInitiated' },
  })

const alertsOf = async (name: string) => (await listAlerts(service)).filter((a) => a.targetId === serverId(name))

describe('an alert on the activity log', () => {
  it('fires at the instant of its entry, counts repetitions instead of firing twice, and resolves by itself', async () => {
    const { group } = await groupOf('ag-life', { inboxes: [{ name: 'inbox' }] })
    await saveAlertRule(service, healthRule('life', { scopes: [serverId('life')], actionGroupIds: [group.id] }))
    await happen(later(service, 60), 'life', false)
    await happen(later(service, 120), 'life', false)
    await evaluateActivityAlerts(later(service, 999))
    const [fired, ...others] = await alertsOf('life')
    expect(others).toEqual([])
    expect(fired).toMatchObject({ condition: 'Fired', state: 'New', severity: 0, occurrences: 2 })
    expect(fired?.firedAt).toBe(later(service, 60).now.toISOString())
    await happen(later(service, 600), 'life', true)
    await evaluateActivityAlerts(later(service, 999))
    const resolved = await getAlert(service, fired!.id)
    expect(resolved).toMatchObject({ condition: 'Resolved', resolvedAt: later(service, 600).now.toISOString() })
    expect(resolved.history.map((h) => h.what)).toEqual(['Fired', 'Resolved'])
    expect(resolved.deliveries.map((d) => d.occasion).sort()).toEqual(['Fired', 'Resolved'])
    await happen(later(service, 900), 'life', false)
    await evaluateActivityAlerts(service)
    expect((await alertsOf('life')).map((a) => a.condition).sort()).toEqual(['Fired', 'Resolved'])
  })

  it('judges each entry once, however often and by however many engines it is asked', async () => {
    await saveAlertRule(service, healthRule('once', { scopes: [serverId('once')] }))
    for (let i = 0; i < 5; i++) await happen(later(service, i), 'once', false)
    await Promise.all([1, 2, 3, 4].map(() => evaluateActivityAlerts(service)))
    await evaluateActivityAlerts(service)
    expect((await alertsOf('once')).map((a) => a.occurrences)).toEqual([5])
  })

  it('falls, comes back and falls again among many that fall, all judged at once', async () => {
    const { group } = await groupOf('ag-many', { inboxes: [{ name: 'inbox' }] })
    const names = Array.from({ length: 30 }, (_, i) => `many-${i}`)
    await saveAlertRule(service, healthRule('many', { scopes: names.map(serverId), actionGroupIds: [group.id] }))
    await evaluateActivityAlerts(service)
    for (const name of names) await happen(service, name, false)
    await happen(later(service, 60), 'many-7', true)
    await happen(later(service, 120), 'many-7', false)
    expect(await evaluateActivityAlerts(later(service, 999))).toBe(names.length + 2)
    for (const name of names) {
      const alerts = (await alertsOf(name)).map((a) => `${a.condition} ${a.occurrences}`)
      expect(alerts.sort()).toEqual(name === 'many-7' ? ['Fired 1', 'Resolved 1'] : ['Fired 1'])
    }
    expect((await listDeliveries(service, group.id)).filter((d) => d.occasion === 'Fired')).toHaveLength(
      names.length + 1,
    )
  })

  it('does not fire for what lies outside its scope, when disabled, or when one condition does not hold', async () => {
    await saveAlertRule(service, healthRule('elsewhere', { scopes: [serverId('other')] }))
    await saveAlertRule(service, healthRule('off', { scopes: [serverId('quiet')], enabled: false }))
    await happen(service, 'quiet', false)
    await evaluateActivityAlerts(service)
    expect(await alertsOf('quiet')).toEqual([])
  })

  it('is acknowledged and closed by people who may, and what happens after that is a new alert', async () => {
    await saveAlertRule(service, healthRule('people', { scopes: [serverId('people')] }))
    await happen(service, 'people', false)
    await evaluateActivityAlerts(service)
    const [alert] = await alertsOf('people')
    const { principal } = await createServicePrincipal(service, { displayName: 'reader' })
    await assignRole(service, { scope: SUB, roleDefinitionId: ROLE_IDS.reader, principalId: principal.objectId })
    expect(await codeOf(changeAlertState(as(principal), alert!.id, 'Closed'))).toBe('AuthorizationFailed')
    expect(await changeAlertState(service, alert!.id, 'Acknowledged')).toMatchObject({ state: 'Acknowledged' })
    await changeAlertState(service, alert!.id, 'Closed')
    await happen(service, 'people', false)
    await evaluateActivityAlerts(service)
    expect((await alertsOf('people')).map((a) => a.state).sort()).toEqual(['Closed', 'New'])
  })

  it('is kept silent by a processing rule while that is in force, and still stands in the list', async () => {
    const { group } = await groupOf('ag-silent', { inboxes: [{ name: 'inbox' }] })
    await saveAlertRule(service, healthRule('silent', { scopes: [serverId('silent')], actionGroupIds: [group.id] }))
    await saveProcessingRule(service, {
      ...place,
      name: 'maintenance',
      description: '',
      enabled: true,
      scopes: [serverId('silent')],
      severities: [],
      ruleIds: [],
      startsAt: null,
      endsAt: later(service, 3600).now.toISOString(),
    })
    await happen(service, 'silent', false)
    await evaluateActivityAlerts(service)
    const [first] = await alertsOf('silent')
    expect(first).toMatchObject({ suppressedBy: 'maintenance' })
    await happen(later(service, 1800), 'silent', true)
    await happen(later(service, 7200), 'silent', false)
    await evaluateActivityAlerts(service)
    const told = await listDeliveries(service, group.id)
    expect(told.map((d) => d.occasion)).toEqual(['Fired'])
    expect((await alertsOf('silent')).map((a) => a.suppressedBy)).toContain(null)
  })
})

describe('a webhook', () => {
  it('gets the common alert schema, signed, and again after failures under the same delivery id', async () => {
    const { group, secrets } = await groupOf('ag-hook', { webhooks: [{ name: 'ops', serviceUri: hook() }] })
    await saveAlertRule(service, healthRule('hook', { scopes: [serverId('hook')], actionGroupIds: [group.id] }))
    got.length = 0
    answers = [503, 429, 200]
    await happen(service, 'hook', false)
    await evaluateActivityAlerts(service)
    await deliverAll()
    expect(got).toHaveLength(3)
    expect(new Set(got.map((g) => g.headers['x-portcullis-delivery'])).size).toBe(1)
    const { headers, body } = got[2]!
    const stamp = Number(headers['x-portcullis-timestamp'])
    expect(headers['x-portcullis-signature']).toBe(signWebhook(secrets.ops!, stamp, body))
    const { schemaId, data } = JSON.parse(body) as CommonAlert
    expect(schemaId).toBe('azureMonitorCommonAlertSchema')
    expect(data.essentials).toMatchObject({
      alertRule: 'hook',
      severity: 'Sev0',
      signalType: 'Activity Log',
      monitorCondition: 'Fired',
      monitoringService: 'Resource Health',
      alertTargetIDs: [serverId('hook').toLowerCase()],
      configurationItems: ['hook'],
      essentialsVersion: '1.0',
      targetResourceType: 'microsoft.dbforpostgresql/flexibleservers',
    })
    expect(data.alertContext).toMatchObject({ status: 'Active', properties: { currentHealthStatus: 'Unavailable' } })
    const [delivery] = await listDeliveries(service, group.id)
    expect(delivery).toMatchObject({ status: 'Delivered', lastError: null })
    expect(delivery?.attempts.map((a) => a.answer)).toEqual([503, 429, 200])
  })

  it('is given up after a refusal that will not change, and is not followed elsewhere', async () => {
    const { group } = await groupOf('ag-refused', { webhooks: [{ name: 'ops', serviceUri: hook() }] })
    for (const status of [404, 302]) {
      got.length = 0
      answers = [status]
      await testActionGroup(service, group.id)
      await deliverAll()
      expect(got.map((g) => g.path)).toEqual(['/hook'])
    }
    const deliveries = await listDeliveries(service, group.id)
    expect(deliveries.map((d) => d.status)).toEqual(['Failed', 'Failed'])
  })

  it('is given up after five attempts on a receiver that is not there, each of them written down', async () => {
    const { group } = await groupOf('ag-gone', { webhooks: [{ name: 'ops', serviceUri: 'http://127.0.0.1:1/hook' }] })
    await testActionGroup(service, group.id)
    await deliverAll()
    const [delivery] = await listDeliveries(service, group.id)
    expect(delivery).toMatchObject({ status: 'Failed' })
    expect(delivery?.attempts).toHaveLength(5)
  })

  it('waits in real time between attempts', async () => {
    const { group } = await groupOf('ag-wait', { webhooks: [{ name: 'ops', serviceUri: hook() }] })
    answers = [500]
    await testActionGroup(service, group.id)
    await deliverDue(db, deps())
    expect(await deliverDue(db, deps())).toBe(0)
    expect((await listDeliveries(service, group.id))[0]).toMatchObject({ status: 'Pending', lastError: 'HTTP 500' })
    await deliverAll()
  })

  it('whose engine died between claim and answer is made again by another', async () => {
    const { group } = await groupOf('ag-died', { webhooks: [{ name: 'ops', serviceUri: hook() }] })
    await testActionGroup(service, group.id)
    // What a killed engine leaves: claimed, no attempt written.
    await db.alertDelivery.updateMany({ where: { actionGroupId: group.id }, data: { attempts: 1 } })
    got.length = 0
    await deliverAll()
    expect(got).toHaveLength(1)
    expect((await listDeliveries(service, group.id))[0]).toMatchObject({ status: 'Delivered' })
  })

  it.each([
    'ftp://x/',
    'file:///etc/passwd',
    'http://user:secret@host/',
    'http://169.254.169.254/latest/meta-data',
    'nonsense',
  ])('is never pointed at %s', async (serviceUri) => {
    expect(await codeOf(groupOf('ag-bad', { webhooks: [{ name: 'x', serviceUri }] }))).toBe('BadParameter')
  })

  it('has a secret that lies sealed, and stays while the address stays', async () => {
    const first = await groupOf('ag-secret', { webhooks: [{ name: 'ops', serviceUri: hook() }] })
    const row = await db.actionGroup.findFirstOrThrow({ where: { name: 'ag-secret' } })
    expect(JSON.stringify(row.receivers)).not.toContain(first.secrets.ops)
    expect(Buffer.from(row.sealedSecrets!).includes(first.secrets.ops!)).toBe(false)
    const again = await groupOf('ag-secret', { webhooks: [{ name: 'ops', serviceUri: hook() }] })
    expect(again.secrets).toEqual({})
    const moved = await groupOf('ag-secret', { webhooks: [{ name: 'ops', serviceUri: `${hook()}2` }] })
    expect(moved.secrets.ops).toBeTruthy()
  })
})

describe('an e-mail', () => {
  it('waits in sight without a mail server, and goes out once there is one', async () => {
    const { group } = await groupOf('ag-mail', { emails: [{ name: 'sofia', emailAddress: 'sofia@contoso.example' }] })
    await testActionGroup(service, group.id)
    await deliverDue(db, deps())
    expect((await listDeliveries(service, group.id))[0]).toMatchObject({ status: 'Undeliverable' })
    refusals = [451]
    await deliverAll({ url: mailUrl(), from: 'portcullis@contoso.example' })
    expect(mails.at(-1)?.to).toEqual(['sofia@contoso.example'])
    expect(mails.at(-1)?.text).toMatch(/Subject: Test: Sev4/)
    const [delivery] = await listDeliveries(service, group.id)
    expect(delivery?.status).toBe('Delivered')
    expect(delivery?.attempts.map((a) => a.succeeded)).toEqual([false, false, true])
  })

  it('that the server refuses for good is not sent again', async () => {
    const { group } = await groupOf('ag-mail-no', { emails: [{ name: 'x', emailAddress: 'nobody@contoso.example' }] })
    refusals = [550]
    await testActionGroup(service, group.id)
    await deliverAll({ url: mailUrl(), from: 'portcullis@contoso.example' })
    const [delivery] = await listDeliveries(service, group.id)
    expect(delivery).toMatchObject({ status: 'Failed', attempts: [{ answer: 550 }] })
  })
})

describe('the inbox', () => {
  it('shows what its reader may watch, and what of it is new to her', async () => {
    const { group } = await groupOf('ag-inbox', { inboxes: [{ name: 'inbox' }] })
    await testActionGroup(service, group.id)
    const reader = await createServicePrincipal(service, { displayName: 'watcher' })
    expect(await inbox(as(reader.principal))).toEqual([])
    const grant = { roleDefinitionId: ROLE_IDS.monitoringReader, principalId: reader.principal.objectId }
    await assignRole(service, { scope: SUB, ...grant })
    const [message] = await inbox(as(reader.principal))
    expect(message).toMatchObject({ occasion: 'Test', unread: true })
    await markInboxSeen(as(reader.principal), message!.seq)
    expect((await inbox(as(reader.principal))).some((m) => m.unread)).toBe(false)
  })
})

describe('an alert on a metric', () => {
  const tick = async (ctx: Ctx) => {
    const save = await sampleMetrics(ctx, async () => new Map())
    await transact(ctx, async (tx) => {
      await save(tx)
      await evaluateMetricAlerts(tx)
    })
  }

  it('fires for each key that nears its expiry, and resolves when the date is moved', async () => {
    const vault = await createVault(service, vaultInput('expiry-kv'))
    const keys = vaultKeys(service, vault.id)
    const expires = later(service, 10 * 86_400).now
    await keys.create({ name: 'soon', kty: 'EC', crv: 'P-256', expires })
    await keys.create({ name: 'much-later', kty: 'EC', crv: 'P-256', expires: later(service, 60 * 86_400).now })
    await saveAlertRule(service, {
      ...place,
      name: 'expires in 30 days',
      kind: 'Metric',
      severity: 2,
      scopes: [SUB],
      windowMinutes: 60,
      frequencyMinutes: 5,
      condition: {
        allOf: [
          {
            metricNamespace: 'Microsoft.KeyVault/vaults',
            metricName: 'KeyDaysToExpiry',
            operator: 'LessThanOrEqual',
            threshold: 30,
            timeAggregation: 'Minimum',
            dimensions: [{ name: 'KeyName', operator: 'Include', values: ['*'] }],
          },
        ],
      },
    })
    const mine = async () => (await listAlerts(service)).filter((a) => a.targetId === vault.id.toLowerCase())
    await tick(service)
    expect(await mine()).toMatchObject([
      { condition: 'Fired', signalType: 'Metric', title: expect.stringContaining('soon') },
    ])
    await tick(later(service, 300))
    expect((await mine()).map((a) => a.occurrences)).toEqual([2])
    await keys.update('soon', null, { expires: later(service, 80 * 86_400).now })
    await tick(later(service, 600))
    // The old samples still lie in the window.
    expect((await mine())[0]?.condition).toBe('Fired')
    await tick(later(service, 7200))
    expect(await mine()).toMatchObject([{ condition: 'Resolved' }])
  })

  it('is refused with a metric, an aggregation or a dimension that is not there', async () => {
    const rule = (criterion: object) =>
      saveAlertRule(service, {
        ...place,
        name: 'bad',
        kind: 'Metric',
        severity: 2,
        scopes: [SUB],
        windowMinutes: 5,
        frequencyMinutes: 5,
        condition: {
          allOf: [
            {
              metricNamespace: 'Microsoft.KeyVault/vaults',
              metricName: 'ServiceApiHit',
              operator: 'GreaterThan',
              threshold: 1,
              timeAggregation: 'Count',
              ...criterion,
            },
          ],
        },
      } as AlertRuleDraft)
    expect(await codeOf(rule({}))).toBe('no error')
    expect(await codeOf(rule({ metricName: 'cpu_percent' }))).toBe('BadParameter')
    expect(await codeOf(rule({ timeAggregation: 'Maximum' }))).toBe('BadParameter')
    const dimensions = [{ name: 'Nothing', operator: 'Include', values: ['*'] }]
    expect(await codeOf(rule({ dimensions }))).toBe('BadParameter')
  })
})
