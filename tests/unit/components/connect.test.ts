import { describe, expect, it } from 'vitest'
import { reachOf } from '@/components/postgres/connect/reachable'
import { snippetsFor } from '@/components/postgres/connect/snippets'
import type { ConnectionView, ServerView } from '@/server/postgres/contract'

const TARGET = {
  host: 'orders.postgres.localhost',
  hostAddress: '127.0.0.1',
  port: 5580,
  user: 'keeper',
  database: 'postgres',
  caFile: '/data/ca.pem',
}
const text = (id: string, target = TARGET) => snippetsFor(target).find((s) => s.id === id)!.text

describe('snippets', () => {
  it('names host, port and user in every one, checks the certificate in full and holds no password', () => {
    for (const { id, text } of snippetsFor(TARGET)) {
      expect(text, id).toContain('orders.postgres.localhost')
      expect(text, id).toContain('5580')
      expect(text, id).toContain('keeper')
      expect(text, id).toMatch(/verify-?full|servername/i)
      expect(text, id).toContain('/data/ca.pem'.replaceAll('/', ['uri', 'go'].includes(id) ? '%2F' : '/'))
      expect(/password/i.test(text), id).toBe(text.includes('PGPASSWORD'))
    }
  })

  it('quotes a folder with spaces, quotes and dollars for psql and its shell', () => {
    const psql = text('psql', { ...TARGET, caFile: `/my 'data' $HOME/ca.pem` })
    expect(psql).toContain(`sslrootcert='/my \\\\'data\\\\' \\$HOME/ca.pem'`)
  })

  it('writes a URI that reads back to what it was made of', () => {
    const uri = new URL(text('uri', { ...TARGET, database: 'a b', caFile: '/my data/ca.pem' }))
    expect(decodeURIComponent(uri.pathname)).toBe('/a b')
    expect(uri.searchParams.get('sslrootcert')).toBe('/my data/ca.pem')
    expect(uri.search).not.toContain('+')
    expect(uri.searchParams.get('hostaddr')).toBe('127.0.0.1')
  })
})

describe('whether a client gets in', () => {
  const server = {
    name: 'orders',
    state: 'Ready',
    publicAccess: true,
    firewallRules: [{ name: 'me', startIp: '127.0.0.1', endIp: '127.0.0.1' }],
    encryption: { keyAccess: { accessible: false, cause: 'KeyDisabled' } },
  } as unknown as ServerView
  const connection = {
    hostAddress: '127.0.0.1',
    port: 5580,
    runtime: { state: 'Asleep', since: null },
    installation: { available: true },
  } as ConnectionView
  const at = (patch: Partial<ServerView>, other: object = {}) =>
    reachOf({ ...server, ...patch }, { ...connection, ...other } as ConnectionView)

  it('names the first obstacle in the order of the gateway: installation, firewall, state', () => {
    expect(at({ state: 'Inaccessible' }, { installation: { available: false, reason: 'No compiler.' } }).text).toBe(
      'No compiler.',
    )
    expect(at({ state: 'Inaccessible', firewallRules: [] }).place).toBe('networking')
    const azure = [{ name: 'azure', startIp: '0.0.0.0', endIp: '0.0.0.0' }]
    expect(at({ firewallRules: azure }).text).toContain('28000')
    expect(at({ state: 'Stopped' }).text).toContain('57P03')
  })

  it('says of an Inaccessible server which link of its key is broken', () => {
    expect(at({ state: 'Inaccessible' })).toMatchObject({ intent: 'error', place: 'encryption' })
    expect(at({ state: 'Inaccessible' }).title).toContain('disabled')
  })

  it('tells a sleeping server from one that is awake and one without a database', () => {
    expect(at({}).title).toBe('Ready, asleep')
    expect(at({}, { runtime: { state: 'Awake' } }).intent).toBe('success')
    expect(at({}, { runtime: { state: 'None' } }).intent).toBe('warning')
  })
})
