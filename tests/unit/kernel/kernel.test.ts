import { expect, test } from 'vitest'
import { readConfig } from '@/server/kernel/config'
import { stableId } from '@/server/kernel/ids'
import { redact } from '@/server/kernel/log'
import { findRegion, REGIONS } from '@/server/kernel/regions'
import { parseResourceId, resourceId, scopeContains } from '@/server/kernel/resource-id'

test('the environment has the documented defaults', () => {
  expect(readConfig({})).toMatchObject({ portalPort: 3000, httpsPort: 8443, postgresPort: 5432, keyStore: 'simulated' })
})

test('a malformed variable is refused by name', () => {
  expect(() => readConfig({ PORTCULLIS_HTTPS_PORT: 'abc' })).toThrow(/PORTCULLIS_HTTPS_PORT/)
  expect(() => readConfig({ PORTCULLIS_BIND_ADDRESS: 'everywhere' })).toThrow(/PORTCULLIS_BIND_ADDRESS/)
  expect(() => readConfig({ PORTCULLIS_PORTAL_PORT: '70000' })).toThrow(/PORTCULLIS_PORTAL_PORT/)
  expect(() => readConfig({ PORTCULLIS_MASTER_KEY: 'short' })).toThrow(/PORTCULLIS_MASTER_KEY/)
})

test.each([
  ['Authorization: Bearer eyJhbGciOi.J9.abc', 'eyJhbGciOi'],
  ['{"password":"hunter2!"}', 'hunter2'],
  ['client_secret=abc123&x=1', 'abc123'],
  ['postgresql://portcullis:s3cret@127.0.0.1/db', 's3cret'],
])('a log line never shows a secret: %s', (line, secret) => {
  expect(redact(line)).not.toContain(secret)
  expect(redact(line)).toContain('***')
})

test('a name always has the same GUID, and another name another', () => {
  expect(stableId('a')).toBe(stableId('a'))
  expect(stableId('a')).not.toBe(stableId('b'))
  expect(stableId('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('resource ids are read back whatever their case', () => {
  const id = { subscriptionId: 's', resourceGroup: 'g', type: 'Microsoft.KeyVault/vaults', name: 'v' }
  expect(parseResourceId(resourceId(id))).toEqual(id)
  expect(parseResourceId(resourceId(id).toUpperCase().replace('/SUBSCRIPTIONS', '/subscriptions'))?.name).toBe('V')
  expect(parseResourceId('/subscriptions/s')).toBeNull()
})

test('a scope contains itself and what lies below it, never a longer name beside it', () => {
  expect(scopeContains('/subscriptions/s', '/SUBSCRIPTIONS/S/resourceGroups/g')).toBe(true)
  expect(scopeContains('/subscriptions/s/resourceGroups/g', '/subscriptions/s/resourceGroups/g2')).toBe(false)
  expect(scopeContains('/', '/subscriptions/s')).toBe(true)
})

test('each pair of a region is a region, and geo backup is offered only where there is a pair', () => {
  for (const region of REGIONS) {
    if (region.pair) expect(findRegion(region.pair), `${region.name} is paired with ${region.pair}`).not.toBeNull()
    if (region.geoBackup) expect(region.pair).not.toBeNull()
  }
})
