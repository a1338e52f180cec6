import { describe, expect, it } from 'vitest'
import { fitsHost } from '@/server/surfaces/https-server'
import { readPage, toPage } from '@/server/surfaces/keyvault/paging'
import { matchRoute } from '@/server/surfaces/keyvault/routes'
import { readOperation, readPolicy } from '@/server/surfaces/keyvault/wire'

describe('the paths of the keys data plane', () => {
  it.each([
    ['GET', '/keys', 'list', '', null],
    ['GET', '/keys/', 'list', '', null],
    ['POST', '/keys/n/create', 'create', 'n', null],
    ['POST', '/keys//create', 'create', '', null],
    ['PUT', '/keys/n', 'import', 'n', null],
    ['GET', '/keys/n/', 'get', 'n', null],
    ['GET', '/keys/n/v', 'get', 'n', 'v'],
    ['GET', '/keys/n/v/attestation', 'get', 'n', 'v'],
    ['GET', '/Keys/n/Versions', 'listVersions', 'n', null],
    ['PATCH', '/keys/n', 'update', 'n', null],
    ['PATCH', '/keys/n/v', 'update', 'n', 'v'],
    ['DELETE', '/keys/n', 'remove', 'n', null],
    ['POST', '/keys/n/rotate', 'rotate', 'n', null],
    ['PUT', '/keys/n/rotationPolicy', 'setRotationPolicy', 'n', null],
    ['POST', '/keys/n/v/wrapkey', 'wrap', 'n', 'v'],
    ['POST', '/keys/n/v/unwrapKey', 'unwrap', 'n', 'v'],
    ['POST', '/keys/n//wrapkey', 'wrap', 'n', null],
    ['POST', '//keys/n/wrapKey/', 'wrap', 'n', null],
    ['POST', '/keys/restore', 'restore', 'restore', null],
    ['GET', '/keys/restore', 'get', 'restore', null],
    ['GET', '/deletedkeys', 'listDeleted', '', null],
    ['GET', '/deletedkeys/n', 'getDeleted', 'n', null],
    ['POST', '/deletedkeys/n/recover', 'recover', 'n', null],
    ['DELETE', '/deletedkeys/n', 'purge', 'n', null],
  ])('%s %s is %s of "%s" at version %s', (method, path, operation, name, version) => {
    expect(matchRoute(method, path)).toEqual({ operation, name, version })
  })

  it.each(['/', '/secrets/n', '/keys/n/v/explode', '/keys/n/v/wrapkey/more', '/deletedkeys/n/burn', '/keys/n/v/w/x'])(
    '%s is no endpoint',
    (path) => {
      expect(matchRoute('GET', path)).toBeNull()
    },
  )

  it('answer other methods by saying so', () => {
    expect(matchRoute('DELETE', '/keys')).toBe('wrong-method')
    expect(matchRoute('GET', '/keys/n/v/wrapkey')).toBe('wrong-method')
  })
})

describe('paging', () => {
  it('takes 1 to 25 and its own tokens', () => {
    expect(readPage(new URLSearchParams())).toEqual({ limit: 25 })
    for (const query of ['maxresults=0', 'maxresults=26', 'maxresults=x', '$skiptoken=%00', '$skiptoken='])
      expect(() => readPage(new URLSearchParams(query)), query).toThrow('Invalid')
  })

  it('leads through all rows once, by absolute links that keep version and size', () => {
    const all = ['a', 'b', 'c', 'd', 'e']
    const seen: string[] = []
    let url: URL | null = new URL('https://v.vault.localhost:1/keys?api%2Dversion=7.4&maxresults=2')
    while (url) {
      const page = readPage(url.searchParams)
      const rows = all.filter((r) => !page.after || r > page.after).slice(0, page.limit + 1)
      const { value, nextLink }: ReturnType<typeof toPage> = toPage(url, page, rows, String, (r) => ({ r }))
      seen.push(...value.map((v) => (v as { r: string }).r))
      url = nextLink ? new URL(nextLink) : null
      if (url) expect([url.origin, url.searchParams.get('api-version')]).toEqual(['https://v.vault.localhost:1', '7.4'])
    }
    expect(seen).toEqual(all)
  })
})

describe('request bodies', () => {
  it('carry bytes as base64url', () => {
    expect(readOperation({ alg: 'A', value: 'AQID' })).toEqual({ alg: 'A', value: Buffer.from([1, 2, 3]) })
    for (const value of ['a+b/', 'a b', 1, null])
      expect(() => readOperation({ alg: 'A', value }), String(value)).toThrow('invalid value')
    expect(() => readOperation(undefined)).toThrow('invalid value')
  })

  it('name at most one action of a kind in a rotation policy', () => {
    const rotate = { action: { type: 'ROTATE' }, trigger: { timeAfterCreate: 'P30D' } }
    const notify = { action: { type: 'notify' }, trigger: { timeBeforeExpiry: 'P30D' } }
    expect(readPolicy({ lifetimeActions: [rotate, notify], attributes: { expiryTime: 'P90D' } })).toEqual({
      expiryTime: 'P90D',
      rotate: { timeAfterCreate: 'P30D', timeBeforeExpiry: null },
      notifyBeforeExpiry: 'P30D',
    })
    expect(() => readPolicy({ lifetimeActions: [rotate, rotate] })).toThrow('at most one')
    expect(() => readPolicy({ lifetimeActions: [{ action: { type: 'Explode' } }] })).toThrow('at most one')
    expect(readPolicy({ lifetimeActions: [], attributes: {} }).rotate).toBeNull()
  })
})

describe('host names', () => {
  it.each([
    ['*.vault.localhost', 'kv.vault.localhost', true],
    ['*.vault.localhost', 'vault.localhost', false],
    ['*.vault.localhost', 'a.b.vault.localhost', false],
    ['*.vault.localhost', 'kv.vault.localhost.example', false],
    ['login.localhost', 'login.localhost', true],
    ['localhost', 'login.localhost', false],
  ])('%s fits %s: %s', (pattern, host, fits) => {
    expect(fitsHost(pattern, host)).toBe(fits)
  })
})
