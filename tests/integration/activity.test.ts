import { describe, expect, it } from 'vitest'
import { listActivity, listAudit, recordActivity, recordAudit, recordWrite } from '@/server/activity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { later, SUBSCRIPTION_ID, testTenant } from '../support/tenant'

const { service, db } = await testTenant()
const scope = (name: string) => `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/${name}`
const write = { operationName: 'Microsoft.Resources/subscriptions/resourceGroups/write', description: 'Create group' }
const entriesOf = (resourceId: string) => listActivity(service, { scopes: ['/'], resourceId, limit: 10 })
const makeGroup = (tx: Ctx, id: string) =>
  tx.db.resourceGroup.create({
    data: { id, subscriptionId: SUBSCRIPTION_ID, tenantId: tx.tenantId, name: 'x', location: 'x', createdAt: tx.now },
  })

describe('a recorded write', () => {
  it('that succeeds is in the log together with its rows', async () => {
    const resourceId = scope('good')
    expect(
      await recordWrite(service, { ...write, resourceId }, async (tx) => (await makeGroup(tx, resourceId)).id),
    ).toBe(resourceId)
    expect(await entriesOf(resourceId)).toMatchObject([{ status: 'Succeeded', level: 'Informational' }])
  })

  it('that is refused leaves no row, and says in the log why', async () => {
    const resourceId = scope('bad')
    const refused = recordWrite(service, { ...write, resourceId, properties: { asked: 'x' } }, async (tx) => {
      await makeGroup(tx, resourceId)
      throw new AppError('Conflict', { publicMessage: 'No.', vendorCode: 'Why' })
    })
    await expect(refused).rejects.toThrow('No.')
    expect(await db.resourceGroup.findUnique({ where: { id: resourceId } })).toBeNull()
    const [entry] = await entriesOf(resourceId)
    expect(entry).toMatchObject({
      status: 'Failed',
      level: 'Error',
      properties: { asked: 'x', code: 'Why', message: 'No.' },
    })
  })

  it('that breaks by a defect of ours is not told as a refusal', async () => {
    const resourceId = scope('broken')
    await expect(
      recordWrite(service, { ...write, resourceId }, async () => Promise.reject(new Error('defect'))),
    ).rejects.toThrow()
    expect(await entriesOf(resourceId)).toEqual([])
  })
})

describe('the activity log', () => {
  it('is read newest first, page by page, and within a span of time', async () => {
    const resourceId = scope('paged')
    for (const n of [0, 1, 2, 3, 4])
      await recordActivity(later(service, n), { ...write, resourceId, status: 'Succeeded', description: String(n) })
    const page = async (query: object) =>
      (await listActivity(service, { scopes: ['/'], resourceId, limit: 2, ...query })).map((e) => e.description)
    const first = await listActivity(service, { scopes: ['/'], resourceId, limit: 2 })
    expect(first.map((e) => e.description)).toEqual(['4', '3'])
    expect(await page({ before: first[1]!.seq })).toEqual(['2', '1'])
    expect(await page({ from: later(service, 1).now, to: later(service, 2).now })).toEqual(['2', '1'])
    expect(await page({ level: 'Error' })).toEqual([])
  })
})

describe('the audit log', () => {
  const storeId = `${scope('rg')}/providers/Microsoft.KeyVault/vaults/kv`
  const request = {
    storeId,
    resultType: 'Success',
    resultSignature: 'OK',
    httpStatusCode: 200,
    durationMs: 1.5,
    identity: { oid: 'x' },
  }

  it('keeps each store apart, whatever the case of its id, newest first', async () => {
    await recordAudit(service, { ...request, operationName: 'KeyGet' })
    await recordAudit(service, { ...request, operationName: 'KeyWrap', callerIpAddress: '10.0.0.1' })
    await recordAudit(service, { ...request, storeId: `${storeId}2`, operationName: 'KeyGet' })
    const all = await listAudit(service, { storeId: storeId.toUpperCase(), limit: 10 })
    expect(all.map((e) => [e.operationName, e.callerIpAddress])).toEqual([
      ['KeyWrap', '10.0.0.1'],
      ['KeyGet', '127.0.0.1'],
    ])
    const older = await listAudit(service, { storeId, before: all[0]!.seq, limit: 10 })
    expect(older.map((e) => e.operationName)).toEqual(['KeyGet'])
  })

  it('is narrowed by outcome, caller, address, correlation id and time', async () => {
    const id = `${storeId}-filtered`
    const claim = (name: string) => ({ identity: { claim: { name } } })
    const correlationId = '7f0c8a52-0000-4000-8000-00000000000a'
    await recordAudit(service, { ...request, ...claim('Ada'), storeId: id, operationName: 'A' })
    const failed = { resultType: 'Failure', callerIpAddress: '203.0.113.9' }
    await recordAudit(later({ ...service, correlationId }, 60), {
      ...{ ...request, ...failed, ...claim('Otto') },
      ...{ storeId: id, operationName: 'B' },
    })
    const found = async (filter: object) =>
      (await listAudit(service, { storeId: id, limit: 10, ...filter })).map((e) => e.operationName)
    expect(await found({ resultType: 'Success' })).toEqual(['A'])
    expect(await found({ caller: 'ott' })).toEqual(['B'])
    expect(await found({ address: '203.0' })).toEqual(['B'])
    expect(await found({ correlationId })).toEqual(['B'])
    expect(await found({ from: later(service, 30).now })).toEqual(['B'])
  })
})
