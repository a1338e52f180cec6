import { describe, expect, it } from 'vitest'
import { DEFAULT_VALUES, toInput } from '@/components/postgres/create/wizard-values'
import { findSku } from '@/server/postgres/catalog'
import {
  administratorLogin,
  administratorPassword,
  type CreateServerInput,
  createServerInput,
  firewallRule,
  ipToNumber,
  keyUriProblem,
  serverName,
  tag,
} from '@/server/postgres/contract'

type Change = (input: CreateServerInput) => void
const IDENTITY = '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-a'
const KEY = 'https://contoso-kv.vault.localhost:8443/keys/cmk'
const VERSION = '0123456789abcdef0123456789abcdef'

function input(change: Change = () => undefined): CreateServerInput {
  const value = structuredClone(toInput(DEFAULT_VALUES))
  Object.assign(value.basics, { subscriptionId: 's', resourceGroup: 'g', name: 'orders', location: 'swedencentral' })
  Object.assign(value.basics.authentication, { administratorLogin: 'dbadmin', password: 'Passw0rd!' })
  change(value)
  return value
}

/** Paths of the faults. */
const faults = (change: Change): string[] => {
  const parsed = createServerInput.safeParse(input(change))
  return parsed.success ? [] : parsed.error.issues.map((i) => i.path.join('.'))
}
const ok = (schema: { safeParse(v: unknown): { success: boolean } }, value: unknown) => schema.safeParse(value).success

describe('a complete form', () => {
  it('is accepted', () => expect(faults(() => undefined)).toEqual([]))
})

describe('a server name', () => {
  it('has 3 to 63 characters', () => {
    expect([2, 3, 63, 64].map((n) => ok(serverName, 'a'.repeat(n)))).toEqual([false, true, true, false])
  })
  it.each(['abc', 'a-b', '0ab', 'ab9', 'a--b'])('may be %s', (name) => expect(ok(serverName, name)).toBe(true))
  it.each(['Abc', 'a_b', 'a.b', '-ab', 'ab-', 'ä-b', 'a b', 'abc\n'])('may not be %j', (name) =>
    expect(ok(serverName, name)).toBe(false),
  )
})

describe('an administrator login', () => {
  it('has 1 to 63 characters', () => {
    expect([0, 1, 63, 64].map((n) => ok(administratorLogin, 'a'.repeat(n)))).toEqual([false, true, true, false])
  })
  it.each([
    'azure_superuser',
    'azure_pg_admin',
    'admin',
    'Administrator',
    'ROOT',
    'guest',
    'public',
    'pg_x',
    'db-admin',
    'db admin',
  ])('may not be %s', (login) => expect(ok(administratorLogin, login)).toBe(false))
  it('may contain a reserved word', () => expect(ok(administratorLogin, 'admin1')).toBe(true))
})

describe('a password', () => {
  it('has 8 to 128 characters', () => {
    expect([7, 8, 128, 129].map((n) => ok(administratorPassword, `Aa1${'x'.repeat(n - 3)}`))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })
  it.each([
    ['ABCDabcd', false],
    ['abcd1234', false],
    ['ABCD1234', false],
    ['abcd!!!!', false],
    ['ABCabc12', true],
    ['abcd12!!', true],
    ['ABCD12!!', true],
    ['ABCabc!!', true],
  ])('of the classes in %s: accepted %s', (password, accepted) =>
    expect(ok(administratorPassword, password)).toBe(accepted),
  )
  it('cannot contain the login, in any case', () => {
    const change: Change = (v) =>
      Object.assign(v.basics.authentication, { administratorLogin: 'dba', password: 'xx-DBA-xx9' })
    expect(faults(change)).toEqual(['basics.authentication.password'])
  })
  it('may contain a login of two characters', () => {
    expect(
      faults((v) => Object.assign(v.basics.authentication, { administratorLogin: 'db', password: 'xx-DB-xx9' })),
    ).toEqual([])
  })
  it('is not asked when only Entra authentication is allowed, but then an Entra administrator is', () => {
    const entra = { method: 'EntraOnly', administratorLogin: '', password: '' } as const
    expect(faults((v) => Object.assign(v.basics.authentication, entra, { entraAdministrator: 'o' }))).toEqual([])
    expect(faults((v) => Object.assign(v.basics.authentication, entra))).toEqual([
      'basics.authentication.entraAdministrator',
    ])
  })
  it('is never repeated in a message', () => {
    const parsed = createServerInput.safeParse(
      input((v) => Object.assign(v.basics.authentication, { password: 'sentinel' })),
    )
    expect(JSON.stringify(parsed.error?.issues)).not.toContain('sentinel')
  })
})

describe('a firewall rule', () => {
  const rule = (startIp: string, endIp = startIp, name = 'office') => ok(firewallRule, { name, startIp, endIp })
  it.each(['0.0.0.0', '255.255.255.255', '203.0.113.7'])('takes %s', (ip) => expect(rule(ip)).toBe(true))
  it.each(['256.0.0.1', '1.2.3', '1.2.3.4.5', '1.2.3.4/24', '::1', 'a.b.c.d', '', '1.2.3.-4', '1.2.3.4 '])(
    'does not take %j',
    (ip) => {
      expect(rule(ip)).toBe(false)
    },
  )
  it('ends at or after its start', () => {
    expect(rule('10.0.0.255', '10.0.1.0')).toBe(true)
    expect(rule('10.0.1.0', '10.0.0.255')).toBe(false)
    expect(rule('9.255.255.255', '10.0.0.0')).toBe(true)
  })
  it('has a name of 1 to 80 characters that does not end in a hyphen', () => {
    expect([0, 1, 80, 81].map((n) => rule('1.1.1.1', '1.1.1.1', 'a'.repeat(n)))).toEqual([false, true, true, false])
    expect(['a-', 'a b', 'a.b', '-a', 'A_b-9'].map((n) => rule('1.1.1.1', '1.1.1.1', n))).toEqual([
      false,
      false,
      false,
      true,
      true,
    ])
  })
  it('has a name of its own, whatever the case', () => {
    const twice = (v: CreateServerInput) => {
      v.networking.firewallRules = ['a', 'A'].map((name) => ({ name, startIp: '1.1.1.1', endIp: '1.1.1.1' }))
    }
    expect(faults(twice)).toEqual(['networking.firewallRules.1.name'])
  })
  it('is one of at most 128', () => {
    const many = (n: number) => (v: CreateServerInput) => {
      v.networking.firewallRules = Array.from({ length: n }, (_, i) => ({
        name: `r${i}`,
        startIp: '1.1.1.1',
        endIp: '1.1.1.1',
      }))
    }
    expect(faults(many(128))).toEqual([])
    expect(faults(many(129))).toEqual(['networking.firewallRules'])
  })
  it('compares addresses as numbers', () => {
    expect(ipToNumber('255.255.255.255')).toBe(2 ** 32 - 1)
    expect(ipToNumber('0.0.1.0')).toBe(256)
  })
})

describe('private access', () => {
  const inVnet = { connectivity: 'Private', publicAccess: false, virtualNetwork: 'vnet', subnet: 'db' } as const
  it('needs a virtual network and a subnet', () => {
    expect(faults((v) => Object.assign(v.networking, inVnet))).toEqual([])
    expect(faults((v) => Object.assign(v.networking, inVnet, { virtualNetwork: '', subnet: '' }))).toEqual([
      'networking.virtualNetwork',
      'networking.subnet',
    ])
  })
  it('takes no firewall rules', () => {
    const rules = { firewallRules: [{ name: 'a', startIp: '1.1.1.1', endIp: '1.1.1.1' }] }
    expect(faults((v) => Object.assign(v.networking, inVnet, rules))).toEqual(['networking.firewallRules'])
  })
})

describe('tags', () => {
  it('have a name of 1 to 512 and a value of 0 to 256 characters', () => {
    expect([0, 1, 512, 513].map((n) => ok(tag, { name: 'a'.repeat(n), value: '' }))).toEqual([false, true, true, false])
    expect([0, 256, 257].map((n) => ok(tag, { name: 'a', value: 'v'.repeat(n) }))).toEqual([true, true, false])
  })
  it.each([...'<>%&\\?/'])('have no %s in their name', (c) => expect(ok(tag, { name: `a${c}`, value: c })).toBe(false))
  it('are at most 50, each name once', () => {
    const some = (n: number) => (v: CreateServerInput) => {
      v.tags = Array.from({ length: n }, (_, i) => ({ name: `t${i}`, value: '' }))
    }
    expect(faults(some(50))).toEqual([])
    expect(faults(some(51))).toEqual(['tags'])
    expect(faults((v) => void v.tags.push({ name: 'Env', value: '1' }, { name: 'env', value: '2' }))).toEqual([
      'tags.1.name',
    ])
  })
})

describe('sizes', () => {
  it('of former generations are taken, though the wizard does not offer them', () => {
    for (const sku of ['Standard_D2s_v3', 'Standard_D4ds_v4'])
      expect(faults((v) => Object.assign(v.basics.compute, { sku }))).toEqual([])
    expect(findSku('Standard_E64s_v3')).toMatchObject({ memoryGiB: 432, maxIops: 80_000 })
    expect(findSku('Standard_E20s_v3')).toBeNull()
  })
  it('belong to the chosen tier', () => {
    expect(faults((v) => Object.assign(v.basics.compute, { sku: 'Standard_B1ms' }))).toEqual(['basics.compute.sku'])
  })
  it('of Premium SSD are the offered ones, with their tiers', () => {
    expect(faults((v) => Object.assign(v.basics.storage, { sizeGiB: 100 }))).toEqual(['basics.storage.sizeGiB'])
    expect(faults((v) => Object.assign(v.basics.storage, { sizeGiB: 128, performanceTier: 'P6' }))).toEqual([
      'basics.storage.performanceTier',
    ])
    expect(faults((v) => Object.assign(v.basics.storage, { sizeGiB: 128, performanceTier: 'P50' }))).toEqual([])
    expect(faults((v) => Object.assign(v.basics.storage, { sizeGiB: 128, performanceTier: 'P60' }))).toEqual([
      'basics.storage.performanceTier',
    ])
  })

  const v2 = { type: 'PremiumV2_LRS', sizeGiB: 32, iops: 3000, throughput: 125, performanceTier: null } as const
  const v2Faults = (change: object) => faults((v) => Object.assign(v.basics.storage, v2, change))
  it.each([
    [{}, []],
    [{ sizeGiB: 31 }, ['sizeGiB']],
    [{ sizeGiB: 65_536 }, []],
    [{ sizeGiB: 65_537 }, ['sizeGiB']],
    [{ iops: 2999 }, ['iops']],
    [{ iops: 16_000 }, []],
    [{ iops: 16_001 }, ['iops']],
    [{ sizeGiB: 1024, iops: 80_000 }, []],
    [{ sizeGiB: 1024, iops: 80_001 }, ['iops']],
    [{ throughput: 124 }, ['throughput']],
    [{ throughput: 750 }, []],
    [{ throughput: 751 }, ['throughput']],
    [{ sizeGiB: 1024, iops: 80_000, throughput: 1200 }, []],
    [{ sizeGiB: 1024, iops: 80_000, throughput: 1201 }, ['throughput']],
    [{ autoGrow: true }, ['autoGrow']],
  ])('of Premium SSD v2 with %j', (change, fields) => {
    expect(v2Faults(change)).toEqual(fields.map((f) => `basics.storage.${f}`))
  })
  it('of Premium SSD v2 need PostgreSQL 14 and no Burstable compute', () => {
    expect(faults((v) => Object.assign(v.basics, { version: '13', storage: { ...v.basics.storage, ...v2 } }))).toEqual([
      'basics.storage.type',
    ])
    const burstable = { compute: { tier: 'Burstable', sku: 'Standard_B1ms' } }
    expect(faults((v) => Object.assign(v.basics, burstable, { storage: { ...v.basics.storage, ...v2 } }))).toEqual([
      'basics.storage.type',
    ])
  })
})

describe('high availability, zones and backup', () => {
  it('needs more than Burstable compute', () => {
    const change: Change = (v) =>
      Object.assign(v.basics, {
        compute: { tier: 'Burstable', sku: 'Standard_B1ms' },
        highAvailability: { mode: 'SameZone', standbyZone: 'none' },
      })
    expect(faults(change)).toEqual(['basics.highAvailability.mode'])
  })
  const zoneRedundant = (location: string, availabilityZone: string, standbyZone: string) =>
    faults((v) =>
      Object.assign(v.basics, { location, availabilityZone, highAvailability: { mode: 'ZoneRedundant', standbyZone } }),
    )
  it('puts the standby into another zone', () => {
    expect(zoneRedundant('swedencentral', '1', '2')).toEqual([])
    expect(zoneRedundant('swedencentral', '1', '1')).toEqual(['basics.highAvailability.standbyZone'])
    expect(zoneRedundant('swedencentral', 'none', 'none')).toEqual([])
  })
  it('is zone redundant only where the region has it', () => {
    expect(zoneRedundant('westus', 'none', 'none')).toEqual(['basics.highAvailability.mode'])
  })
  it('has no zone in a region without zones', () => {
    expect(faults((v) => Object.assign(v.basics, { location: 'westus', availabilityZone: '1' }))).toEqual([
      'basics.availabilityZone',
    ])
  })
  it('keeps backups 7 to 35 days', () => {
    const days = (n: number) => faults((v) => Object.assign(v.basics.backup, { retentionDays: n }))
    expect([6, 7, 35, 36].map(days)).toEqual([['basics.backup.retentionDays'], [], [], ['basics.backup.retentionDays']])
  })
  it('copies backups to the paired region only where there is one', () => {
    const geo = (location: string) =>
      faults((v) => Object.assign(v.basics, { location, backup: { retentionDays: 7, geoRedundant: true } }))
    expect(geo('swedencentral')).toEqual([])
    expect(geo('polandcentral')).toEqual(['basics.backup.geoRedundant'])
    expect(geo('brazilsouth')).toEqual(['basics.backup.geoRedundant'])
  })
  it('needs a region that exists', () => {
    expect(faults((v) => Object.assign(v.basics, { location: 'atlantis' }))).toContain('basics.location')
  })
})

describe('a key identifier', () => {
  const problem = (uri: string, autoUpdate: boolean) => keyUriProblem(uri, autoUpdate) !== null
  it('has no version with automatic update, and one without', () => {
    expect([problem(KEY, true), problem(KEY, false)]).toEqual([false, true])
    expect([problem(`${KEY}/${VERSION}`, true), problem(`${KEY}/${VERSION}`, false)]).toEqual([true, false])
  })
  it.each([
    'https://contoso-kv.vault.azure.net/keys/cmk',
    'https://contoso-hsm.managedhsm.localhost/keys/cmk',
    'https://contoso-hsm.managedhsm.azure.net/keys/cmk',
  ])('may be %s', (uri) => expect(problem(uri, true)).toBe(false))
  it.each([
    '',
    'cmk',
    'http://contoso-kv.vault.localhost/keys/cmk',
    'https://contoso-kv.vault.example/keys/cmk',
    'https://contoso-kv.vault.localhost/secrets/cmk',
    'https://contoso-kv.vault.localhost/keys/',
    'https://contoso-kv.vault.localhost/keys/c_m_k',
    `https://contoso-kv.vault.localhost/keys/cmk/${VERSION.slice(1)}`,
    'https://user@contoso-kv.vault.localhost/keys/cmk',
    'https://contoso-kv.vault.localhost/keys/cmk?x=1',
  ])('may not be %j', (uri) => expect([problem(uri, true), problem(uri, false)]).toEqual([true, true]))
})

describe('data encryption', () => {
  const primary = { identityId: IDENTITY, keyUri: KEY, autoUpdate: true }
  const geo = { identityId: IDENTITY.replace('id-a', 'id-b'), keyUri: KEY, autoUpdate: true }
  const cmk = (encryption: object, geoRedundant = false) =>
    faults((v) => {
      v.basics.backup.geoRedundant = geoRedundant
      Object.assign(v.encryption, { type: 'AzureKeyVault', primary: null, geo: null }, encryption)
    })

  it('with a customer-managed key needs an identity and a key', () => {
    expect(cmk({ primary })).toEqual([])
    expect(cmk({})).toEqual(['encryption.primary'])
    expect(cmk({ primary: { ...primary, identityId: '' } })).toEqual(['encryption.primary.identityId'])
    expect(cmk({ primary: { ...primary, keyUri: '' } })).toEqual(['encryption.primary.keyUri'])
  })
  it('with geo-redundant backup needs the second pair, and refuses it without', () => {
    expect(cmk({ primary, geo }, true)).toEqual([])
    expect(cmk({ primary }, true)).toEqual(['encryption.geo'])
    expect(cmk({ primary, geo }, false)).toEqual(['encryption.geo'])
  })
  it('needs another identity for the paired region, compared without case', () => {
    expect(cmk({ primary, geo: { ...geo, identityId: IDENTITY.toUpperCase() } }, true)).toEqual([
      'encryption.geo.identityId',
    ])
  })
  it('with a service-managed key takes no identity or key', () => {
    expect(faults((v) => Object.assign(v.encryption, { primary }))).toEqual(['encryption.type'])
  })
})
