import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { type ChainedRecord, verifyChain } from '@/server/activity/crypto'
import { exportAudit, recordAudit, verifyAudit } from '@/server/activity/service'
import { transact } from '@/server/kernel/db'
import { SUBSCRIPTION_ID, testTenant } from '../support/tenant'

const { service, db } = await testTenant()
const folder = mkdtempSync(join(tmpdir(), 'portcullis-audit-'))
afterAll(() => rmSync(folder, { recursive: true }))
const storeId = (name: string) =>
  `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/${name}`

const record = (name: string, number: number, ctx = service) =>
  recordAudit(ctx, {
    storeId: storeId(name),
    operationName: 'KeyUnwrap',
    resultType: number % 3 ? 'Success' : 'Failure',
    resultSignature: number % 3 ? 'OK' : 'Forbidden',
    resultDescription: `ünï “quoted” ${number}`,
    httpStatusCode: number % 3 ? 200 : 403,
    durationMs: number + 0.123456,
    identity: { claim: { upn: 'ada@contoso.example', appid: undefined } },
    properties: { z: 1, a: { deep: [1.5, 'x', null] }, id: `https://kv/keys/k${number}` },
  })

async function exported(name: string): Promise<ChainedRecord[]> {
  const records: ChainedRecord[] = []
  for await (const r of exportAudit(service, { storeId: storeId(name) })) records.push(r)
  return records
}

async function filled(name: string, count: number): Promise<ChainedRecord[]> {
  for (let n = 1; n <= count; n++) await record(name, n)
  return exported(name)
}

describe('the chain of a store’s audit records', () => {
  it('holds records that many wrote at once, each in a place of its own', async () => {
    await Promise.all(Array.from({ length: 24 }, (_, n) => record('busy', n)))
    const records = await exported('busy')
    expect(records.map((r) => r.chain.index)).toEqual(Array.from({ length: 24 }, (_, n) => n + 1))
    expect(await verifyAudit(service, storeId('BUSY'))).toMatchObject({ intact: true, records: 24 })
  })

  it('has no gap where a transaction was given up', async () => {
    await record('undone', 1)
    const given = transact(service, async (tx) => {
      await record('undone', 2, tx)
      throw new Error('given up')
    })
    await expect(given).rejects.toThrow('given up')
    await record('undone', 3)
    expect(await verifyAudit(service, storeId('undone'))).toMatchObject({ intact: true, records: 2 })
  })

  it('writes records in Azure’s schema', async () => {
    const [written] = await filled('schema', 1)
    expect(written).toMatchObject({
      time: '2030-01-01T00:00:00.000Z',
      category: 'AuditEvent',
      operationName: 'KeyUnwrap',
      resourceId: storeId('schema').toUpperCase(),
      durationMs: '1',
      identity: { claim: { upn: 'ada@contoso.example' } },
      properties: { httpStatusCode: 200, id: 'https://kv/keys/k1' },
      chain: { index: 1 },
    })
  })
})

describe('tampering in the database', () => {
  const change = {
    'a changed result': (id: string) =>
      db.$executeRaw`UPDATE "AuditEvent" SET "resultType" = 'Success' WHERE "storeId" = ${id} AND "chainIndex" = 3`,
    'a changed caller': (id: string) =>
      db.$executeRaw`UPDATE "AuditEvent" SET "identity" = '{"claim":{"upn":"x"}}' WHERE "storeId" = ${id} AND "chainIndex" = 3`,
    'a removed record': (id: string) =>
      db.$executeRaw`DELETE FROM "AuditEvent" WHERE "storeId" = ${id} AND "chainIndex" = 3`,
    'a removed last record': (id: string) =>
      db.$executeRaw`DELETE FROM "AuditEvent" WHERE "storeId" = ${id} AND "chainIndex" = 5`,
    'swapped records': async (id: string) => {
      const move = (from: number, to: number) =>
        db.$executeRaw`UPDATE "AuditEvent" SET "chainIndex" = ${to} WHERE "storeId" = ${id} AND "chainIndex" = ${from}`
      await move(3, -1)
      await move(4, 3)
      await move(-1, 4)
    },
  }
  it.each(Object.entries(change))('%s is found', async (what, tamper) => {
    const name = what.replace(/ /g, '-')
    await filled(name, 5)
    expect(await verifyAudit(service, storeId(name))).toMatchObject({ intact: true })
    await tamper(storeId(name))
    expect(await verifyAudit(service, storeId(name))).toMatchObject({ intact: false })
  })
})

describe('an exported audit log', () => {
  const verify = (records: object[], ...args: string[]) => {
    const file = join(folder, 'audit.jsonl')
    writeFileSync(file, records.map((r) => `${JSON.stringify(r)}\n`).join(''))
    const { status, stdout, stderr } = spawnSync(process.execPath, ['server/cli/verify-audit.mjs', file, ...args], {
      encoding: 'utf8',
      env: { ...process.env, INIT_CWD: undefined },
    })
    return { status, text: stdout + stderr }
  }

  it('is checked by a command that knows nothing but the file', async () => {
    const records = await filled('exported', 4)
    const head = records.at(-1)!.chain.hash
    expect(verify(records, '--head', head)).toMatchObject({
      status: 0,
      text: expect.stringContaining('Intact: 4 records'),
    })
    const cut = verify(records.slice(0, 3), '--head', head)
    expect(cut).toMatchObject({ status: 1, text: expect.stringContaining('missing after number 3') })
    const forged = verify(records.with(1, { ...records[1]!, callerIpAddress: '192.0.2.1' }))
    expect(forged).toMatchObject({ status: 1, text: expect.stringContaining('BROKEN at record 2') })
  })

  it('does not verify with a record changed, removed, moved, doubled or from another store', async () => {
    const records = await filled('offline', 5)
    const [one, two, three, four, five] = records as [
      ChainedRecord,
      ChainedRecord,
      ChainedRecord,
      ChainedRecord,
      ChainedRecord,
    ]
    const [other] = await filled('other', 1)
    const intact = async (list: ChainedRecord[]) => (await verifyChain(list)).intact
    expect(await intact(records)).toBe(true)
    expect(await intact(records.slice(2))).toBe(true)
    expect(await intact([one, two, four, five])).toBe(false)
    expect(await intact([one, three, two, four, five])).toBe(false)
    expect(await intact([one, two, two, three])).toBe(false)
    expect(await intact([other!, two, three])).toBe(false)
    expect(await intact([{ ...one, resourceId: storeId('other').toUpperCase() }])).toBe(false)
    expect(await intact([one, { ...two, time: '2031-01-01T00:00:00.000Z' }])).toBe(false)
  })
})
