import { createHmac } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { type ChainedRecord, verifyChain } from '@/server/activity/crypto'
import { recordAudit } from '@/server/activity/service'
import { exportDue } from '@/server/diagnostics/export.sweep'
import { addSink, listSinks, removeSink, testSink } from '@/server/diagnostics/service'
import { claimSink } from '@/server/diagnostics/store'
import { ROLE_IDS } from '@/server/identity/model'
import { assignRole, createUser, setLock } from '@/server/identity/service'
import { realNowMs } from '@/server/kernel/time'
import { caFile, issueServerCertificate } from '@/server/surfaces/certificates'
import { codeOf } from '../support/key-stores'
import { SUBSCRIPTION_ID, testTenant } from '../support/tenant'

const { db, service, as } = await testTenant()
const SCOPE = `/subscriptions/${SUBSCRIPTION_ID}`
const storeId = (name: string) => `${SCOPE}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/${name}`
const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-export-'))
const certificate = await issueServerCertificate(dataDir)
const deps = { contextOf: async () => service, timeoutMs: 5000, ca: readFileSync(caFile(dataDir), 'utf8') }

const open: { close(): unknown }[] = []
afterAll(() => {
  for (const server of open) server.close()
  rmSync(dataDir, { recursive: true })
})

async function happen(store: string, ...operations: string[]): Promise<void> {
  for (const operationName of operations)
    await recordAudit(service, {
      ...{ storeId: storeId(store), operationName, httpStatusCode: 200, durationMs: 1 },
      ...{ resultType: 'Success', resultSignature: 'OK', identity: { claim: { oid: 'o' } } },
    })
}
const sinkOf = async (store: string) => (await listSinks(service, storeId(store)))[0]!
/** Lets the time of the next attempt come. */
const due = (store: string) => db.auditSink.updateMany({ where: { storeId: storeId(store) }, data: { retryAtMs: 0 } })
const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))

type Got = { headers: Record<string, unknown>; body: string }

/** A web server that answers what it is told to. */
async function receiver(answer = 200) {
  const got: Got[] = []
  const told = { answer }
  const server = createHttpServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    got.push({ headers: request.headers, body })
    response.writeHead(told.answer, { 'content-type': 'application/json' }).end('{}')
  })
  open.push(server)
  return { got, told, url: `http://127.0.0.1:${await listening(server)}/in` }
}
const recordsOf = (got: Got[]): ChainedRecord[] => got.flatMap(({ body }) => JSON.parse(body).records)
const indexes = (records: ChainedRecord[]) => records.map((r) => r.chain.index)

describe('a webhook', () => {
  it('gets every record from the first on, in the order of the chain, signed, and can verify the chain alone', async () => {
    await happen('hooked', 'KeyCreate', 'KeyWrap')
    const to = await receiver()
    const { secret } = await addSink(service, storeId('hooked'), {
      ...{ name: 'siem', kind: 'webhook', endpoint: to.url, from: 'start' },
    })
    await exportDue(db, deps)
    await happen('hooked', 'KeyUnwrap')
    await exportDue(db, deps)
    const records = recordsOf(to.got)
    expect(records.map((r) => r.operationName)).toEqual(['KeyCreate', 'KeyWrap', 'KeyUnwrap'])
    expect(await verifyChain(records)).toMatchObject({ intact: true, records: 3 })
    expect(await sinkOf('hooked')).toMatchObject({ sentIndex: 3, waiting: 0, failures: 0, lastError: null })
    const { headers, body } = to.got[0]!
    const signed = createHmac('sha256', secret!).update(`${headers['x-portcullis-timestamp']}.${body}`).digest('hex')
    expect(headers['x-portcullis-signature']).toBe(`sha256=${signed}`)
    const kept = await db.auditSink.findMany()
    expect(inspect(kept, { depth: 5 })).not.toContain(secret)
    expect(Buffer.from(kept[0]!.sealedSecret!).includes(Buffer.from(secret!))).toBe(false)
  })

  it('that starts now gets nothing of before', async () => {
    await happen('fresh', 'KeyCreate')
    const to = await receiver()
    await addSink(service, storeId('fresh'), { name: 'n', kind: 'webhook', endpoint: to.url })
    await happen('fresh', 'KeyDelete')
    await exportDue(db, deps)
    expect(recordsOf(to.got).map((r) => r.operationName)).toEqual(['KeyDelete'])
  })

  it('that fails is asked again later, with growing patience, and misses nothing', async () => {
    const to = await receiver(503)
    await addSink(service, storeId('away'), { name: 'n', kind: 'webhook', endpoint: to.url })
    await happen('away', 'A', 'B')
    await exportDue(db, deps)
    const once = await sinkOf('away')
    expect(once).toMatchObject({ sentIndex: 0, waiting: 2, failures: 1, lastError: 'HTTP 503' })
    expect(once.retryAtMs! - realNowMs()).toBeGreaterThan(0)
    await happen('away', 'C')
    await exportDue(db, deps)
    expect(to.got).toHaveLength(1)
    to.told.answer = 400
    await due('away')
    await exportDue(db, deps)
    const twice = await sinkOf('away')
    expect(twice).toMatchObject({ failures: 2, lastError: 'HTTP 400' })
    expect(twice.retryAtMs! - realNowMs()).toBeGreaterThan(2000)
    to.told.answer = 204
    await due('away')
    await exportDue(db, deps)
    expect(recordsOf(to.got.slice(2)).map((r) => r.operationName)).toEqual(['A', 'B', 'C'])
    expect(await sinkOf('away')).toMatchObject({ sentIndex: 3, failures: 0, lastError: null, retryAtMs: null })
  })

  it('gets again what an engine sent that died before it wrote it down, and then no gap', async () => {
    const to = await receiver()
    await addSink(service, storeId('killed'), { name: 'n', kind: 'webhook', endpoint: to.url })
    await happen('killed', 'A', 'B')
    const dead = await claimSink(db, realNowMs(), 60_000)
    expect(dead?.storeId).toBe(storeId('killed'))
    await exportDue(db, deps)
    expect(to.got).toHaveLength(0)
    await due('killed')
    await happen('killed', 'C')
    await exportDue(db, deps)
    expect(indexes(recordsOf(to.got))).toEqual([1, 2, 3])
  })

  it('gets each record once from many engines', async () => {
    const to = await receiver()
    await addSink(service, storeId('many'), { name: 'n', kind: 'webhook', endpoint: to.url })
    await happen('many', ...Array.from({ length: 12 }, (_, i) => `Op${i}`))
    await Promise.all([1, 2, 3, 4].map(() => exportDue(db, deps)))
    expect(indexes(recordsOf(to.got))).toEqual(Array.from({ length: 12 }, (_, i) => i + 1))
  })

  it('is told apart from a test, which is no record of the chain and takes no place in it', async () => {
    const to = await receiver()
    await addSink(service, storeId('tested'), { name: 'n', kind: 'webhook', endpoint: to.url })
    await happen('tested', 'A')
    await testSink(service, storeId('tested'), 'N')
    await exportDue(db, deps)
    const [test, first] = recordsOf(to.got)
    expect(test).toMatchObject({ operationName: 'DiagnosticSettingTest' })
    expect(test!.chain).toBeUndefined()
    expect(first!.chain.index).toBe(1)
    to.told.answer = 401
    await testSink(service, storeId('tested'), 'n')
    await exportDue(db, deps)
    expect(await sinkOf('tested')).toMatchObject({ lastError: 'HTTP 401', testing: false, sentIndex: 1 })
  })
})

/** What comes by a connection, until the sender ends it. */
function collect(makeServer: (onSocket: (socket: Socket) => void) => Server) {
  const chunks: Buffer[] = []
  const server = makeServer((socket) => {
    socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => undefined)
  })
  open.push(server)
  return { server, text: () => Buffer.concat(chunks).toString() }
}

/** Undoes the counting of octets. */
function frames(text: string): string[] {
  const bytes = Buffer.from(text)
  const found: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(' ', at)
    const end = space + 1 + Number(bytes.subarray(at, space).toString())
    found.push(bytes.subarray(space + 1, end).toString())
    at = end
  }
  return found
}
const HEADER = /^<109>1 2030-01-01T00:00:00\.000Z [\w-]+ portcullis - (\w+) - \ufeff(\{.*\})$/i
const parsed = (message: string) => {
  const [, id, json] = HEADER.exec(message) ?? []
  return [id, JSON.parse(json ?? 'null')?.chain.index]
}

describe('syslog', () => {
  it.each([
    ['tcp', (onSocket: (s: Socket) => void) => createTcpServer(onSocket)],
    ['tls', (onSocket: (s: Socket) => void) => createTlsServer(certificate, onSocket)],
  ])('by %s gets each record as one message of RFC 5424, its octets counted', async (scheme, make) => {
    const to = collect(make)
    const endpoint = `${scheme}://localhost:${await listening(to.server)}`
    await addSink(service, storeId(`sys-${scheme}`), { name: 'log', kind: 'syslog', endpoint })
    await happen(`sys-${scheme}`, 'KeyWrap', 'KeyÜnwrap')
    await exportDue(db, deps)
    expect(frames(to.text()).map(parsed)).toEqual([
      ['KeyWrap', 1],
      ['Keynwrap', 2],
    ])
    expect(await sinkOf(`sys-${scheme}`)).toMatchObject({ sentIndex: 2, lastError: null })
  })

  it('by udp gets a datagram for each record', async () => {
    const socket = createSocket('udp4')
    open.push(socket)
    const got: string[] = []
    const both = new Promise<void>((resolve) => socket.on('message', (m) => got.push(m.toString()) === 2 && resolve()))
    const port = await new Promise<number>((r) => socket.bind(0, '127.0.0.1', () => r(socket.address().port)))
    await addSink(service, storeId('sys-udp'), { name: 'log', kind: 'syslog', endpoint: `udp://127.0.0.1:${port}` })
    await happen('sys-udp', 'A', 'B')
    await exportDue(db, deps)
    await both
    expect(got.map(parsed)).toEqual([
      ['A', 1],
      ['B', 2],
    ])
  })

  it('sends nothing to a receiver whose certificate nobody vouches for, or that is not there', async () => {
    const to = collect((onSocket) => createTlsServer(certificate, onSocket))
    const port = await listening(to.server)
    await addSink(service, storeId('sys-wrong'), { name: 'l', kind: 'syslog', endpoint: `tls://localhost:${port}` })
    await happen('sys-wrong', 'A')
    await exportDue(db, { ...deps, ca: undefined })
    expect(to.text()).toBe('')
    expect(await sinkOf('sys-wrong')).toMatchObject({
      sentIndex: 0,
      failures: 1,
      lastError: expect.stringMatching(/certificate/i),
    })
    to.server.close()
    await addSink(service, storeId('sys-gone'), { name: 'l', kind: 'syslog', endpoint: `tcp://127.0.0.1:${port}` })
    await happen('sys-gone', 'A')
    await exportDue(db, deps)
    expect(await sinkOf('sys-gone')).toMatchObject({
      sentIndex: 0,
      failures: 1,
      lastError: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('an OTLP collector', () => {
  it('gets records as logs with the record for body, and again after it was away', async () => {
    const to = await receiver(503)
    await addSink(service, storeId('otel'), { name: 'otel', kind: 'otlp', endpoint: to.url })
    await happen('otel', 'KeyWrap', 'KeyGet')
    await exportDue(db, { ...deps, timeoutMs: 500 })
    expect(await sinkOf('otel')).toMatchObject({ sentIndex: 0, failures: 1, waiting: 2 })
    to.told.answer = 200
    to.got.length = 0
    await due('otel')
    await exportDue(db, deps)
    expect(to.got).toHaveLength(1)
    const [{ resource, scopeLogs }] = JSON.parse(to.got[0]!.body).resourceLogs
    expect(resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'portcullis' } })
    const logs = scopeLogs[0].logRecords as {
      body: { stringValue: string }
      timeUnixNano: string
      severityText: string
    }[]
    const records = logs.map((l) => JSON.parse(l.body.stringValue))
    expect(records.map((r) => [r.operationName, r.chain.index])).toEqual([
      ['KeyWrap', 1],
      ['KeyGet', 2],
    ])
    expect(logs[0]).toMatchObject({ timeUnixNano: String(service.now.getTime() * 1_000_000), severityText: 'Success' })
    expect(await verifyChain(records)).toMatchObject({ intact: true })
  })
})

describe('a diagnostic setting', () => {
  it('is written by who may write it, held by locks, and goes for good', async () => {
    const id = storeId('owned')
    const reader = await createUser(service, { displayName: 'Rita', upn: 'rita@contoso.example' })
    const owner = await createUser(service, { displayName: 'Otto', upn: 'otto@contoso.example' })
    for (const [who, role] of [
      [reader, ROLE_IDS.reader],
      [owner, ROLE_IDS.owner],
    ] as const)
      await assignRole(service, { scope: SCOPE, roleDefinitionId: role, principalId: who.objectId })
    const input = { name: 'n', kind: 'webhook', endpoint: 'https://siem.example.com' } as const
    expect(await codeOf(addSink(as(reader), id, input))).toBe('AuthorizationFailed')
    await addSink(as(owner), id, input)
    expect(await codeOf(addSink(as(owner), id, { ...input, name: 'N' }))).toBe('Conflict')
    expect((await listSinks(as(reader), id))[0]).toMatchObject({ name: 'n', endpoint: 'https://siem.example.com' })
    await setLock(service, { scope: id, name: 'keep', level: 'CanNotDelete', notes: '' })
    expect(await codeOf(removeSink(as(owner), id, 'n'))).toBe('ScopeLocked')
    await setLock(service, { scope: id, name: 'keep', level: 'ReadOnly', notes: '' })
    expect(await codeOf(addSink(as(owner), id, { ...input, name: 'm' }))).toBe('ScopeLocked')
    await removeSink(service, id, 'n')
    expect(await listSinks(service, id)).toEqual([])
  })

  it.each([
    ['webhook', 'ftp://x'],
    ['webhook', 'http://169.254.169.254/metadata'],
    ['webhook', 'https://user:password@siem.example.com'],
    ['syslog', 'https://siem.example.com'],
    ['syslog', 'siem.example.com:514'],
    ['otlp', 'not an address'],
  ] as const)('by %s to %s is refused', async (kind, endpoint) => {
    expect(await codeOf(addSink(service, storeId('bad'), { name: 'n', kind, endpoint }))).toBe('BadParameter')
  })
})
