import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatKeyIdentifier, parseKeyIdentifier, recoveryLevel, STORE_ERRORS } from '@/server/keys/model'

const VERSION = '0123456789abcdef0123456789abcdef'

describe('a key identifier', () => {
  it.each([
    [`https://kv1.vault.localhost:8443/keys/k/${VERSION}`, 'vault', 'kv1', VERSION],
    ['https://kv1.vault.localhost/keys/k', 'vault', 'kv1', null],
    ['https://kv1.vault.azure.net/keys/k/', 'vault', 'kv1', null],
    [`https://pool.managedhsm.azure.net/keys/k/${VERSION.toUpperCase()}`, 'managedhsm', 'pool', VERSION],
    ['https://KV1.VAULT.LOCALHOST:1/keys/k', 'vault', 'kv1', null],
  ])('%s is read', (uri, storeType, storeName, version) => {
    expect(parseKeyIdentifier(uri)).toMatchObject({ storeType, storeName, keyName: 'k', version })
  })

  it.each([
    'http://kv.vault.localhost/keys/k',
    'https://kv1.vault.localhost/secrets/k',
    'https://kv1.vault.localhost/keys/',
    'https://kv1.vault.localhost/keys/k/short',
    'https://kv1.vault.localhost/keys/k_k',
    `https://kv1.vault.localhost/keys/k/${VERSION}/x`,
    'https://kv1.vault.localhost/keys/k?x=1',
    'https://user@kv.vault.localhost/keys/k',
    'https://kv1.vault.example.com/keys/k',
    'https://a.b.vault.localhost/keys/k',
    'kv/keys/k',
    '',
  ])('%s is none', (uri) => {
    expect(parseKeyIdentifier(uri)).toBeNull()
  })

  it('that was written is read back as it was', () => {
    const part = fc.record({
      storeType: fc.constantFrom('vault' as const, 'managedhsm' as const),
      storeName: fc.stringMatching(/^[a-z][a-z0-9]{1,20}[a-z0-9]$/),
      keyName: fc.stringMatching(/^[0-9a-zA-Z-]{1,127}$/),
      version: fc.option(fc.stringMatching(/^[0-9a-f]{32}$/)),
      port: fc.integer({ min: 1, max: 65_535 }),
    })
    fc.assert(
      fc.property(part, ({ port, ...id }) => {
        const { host: _, ...read } = parseKeyIdentifier(formatKeyIdentifier(id, port))!
        expect(read).toEqual(id)
      }),
    )
  })
})

describe('what a store answers', () => {
  it.each([
    [7, false, 'CustomizedRecoverable+Purgeable'],
    [90, false, 'Recoverable+Purgeable'],
    [90, true, 'Recoverable'],
    [30, true, 'CustomizedRecoverable'],
  ])('with %d days of retention and purge protection %s is %s', (softDeleteDays, purgeProtection, level) => {
    expect(recoveryLevel({ softDelete: true, softDeleteDays, purgeProtection })).toBe(level)
  })

  it('without soft delete is Purgeable', () => {
    expect(recoveryLevel({ softDelete: false, softDeleteDays: 90, purgeProtection: false })).toBe('Purgeable')
  })

  it('is a refusal of 4xx for every code that a key request can end in', () => {
    for (const [code, { status }] of Object.entries(STORE_ERRORS))
      if (/^(Key|Forbidden|Vault|Hsm|Purge)/.test(code))
        expect([code, status >= 400 && status < 500]).toEqual([code, true])
  })
})
