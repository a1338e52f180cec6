import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inFieldOrder, tabOf } from '@/components/postgres/create/wizard-fields'
import { flattenErrors, wizardResolver } from '@/components/postgres/create/wizard-resolver'
import { decodeValues, encodeValues } from '@/components/postgres/create/wizard-url'
import { DEFAULT_VALUES, toInput, type WizardValues } from '@/components/postgres/create/wizard-values'

const PASSWORD = 'Sentinel-Passw0rd'

function filled(change: (values: WizardValues) => void = () => undefined): WizardValues {
  const values = structuredClone(DEFAULT_VALUES)
  values.basics.subscriptionId = 'sub-1'
  values.basics.resourceGroup = 'rg-data'
  values.basics.name = 'contoso-orders'
  values.basics.location = 'swedencentral'
  values.basics.authentication.administratorLogin = 'dbadmin'
  values.basics.authentication.password = PASSWORD
  values.confirmPassword = PASSWORD
  change(values)
  return values
}

const errorsOf = async (values: WizardValues, refusals: Parameters<typeof wizardResolver>[0] = () => []) => {
  const result = await wizardResolver(refusals)(values, undefined, { fields: {}, shouldUseNativeValidation: false })
  return flattenErrors(result.errors as Parameters<typeof flattenErrors>[0])
}

const base64Url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('the link of the wizard', () => {
  it('brings back every choice but the passwords', () => {
    const values = filled((v) => {
      v.networking.firewallRules = [{ name: 'büro', startIp: '203.0.113.1', endIp: '203.0.113.9' }]
      v.encryption = {
        type: 'AzureKeyVault',
        primary: { identityId: '/subscriptions/s/x', keyUri: 'https://kv.vault.localhost/keys/k', autoUpdate: false },
        geo: v.encryption.geo,
      }
      v.tags = [{ name: 'team', value: 'データ' }]
    })
    const { values: back, broken } = decodeValues(encodeValues(values))
    expect(broken).toBe(false)
    expect(back).toEqual({
      ...values,
      confirmPassword: '',
      basics: { ...values.basics, authentication: { ...values.basics.authentication, password: '' } },
    })
  })

  it('never holds a password, whatever else is in the form', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 })
    fc.assert(
      fc.property(text, text, text, (name, value, login) => {
        const values = filled((v) => {
          v.tags = [{ name, value }]
          v.basics.authentication.administratorLogin = login
        })
        const link = encodeValues(values)
        expect(Buffer.from(link, 'base64url').toString('utf8')).not.toContain(PASSWORD)
        expect(decodeValues(link).values.basics.authentication.password).toBe('')
        expect(decodeValues(link).values.tags).toEqual([{ name, value }])
      }),
    )
  })

  it('is empty for an untouched form, also when only a password was typed', () => {
    expect(encodeValues(DEFAULT_VALUES)).toBe('')
    const typed = structuredClone(DEFAULT_VALUES)
    typed.basics.authentication.password = PASSWORD
    typed.confirmPassword = PASSWORD
    expect(encodeValues(typed)).toBe('')
  })

  it('drops a password that somebody wrote into a link', () => {
    const link = base64Url({ v: 1, d: { confirmPassword: 'x', basics: { authentication: { password: 'x' } } } })
    const { values, broken } = decodeValues(link)
    expect(broken).toBe(false)
    expect(values).toEqual(DEFAULT_VALUES)
  })

  it('leaves unknown properties behind, in lists too', () => {
    const link = base64Url({ v: 1, d: { unknown: 1, tags: [{ name: 'a', value: 'b', more: 1 }] } })
    const { values } = decodeValues(link)
    expect(values).toEqual({ ...DEFAULT_VALUES, tags: [{ name: 'a', value: 'b' }] })
  })

  it('does not reach into object prototypes', () => {
    decodeValues(Buffer.from('{"v":1,"d":{"__proto__":{"polluted":true}}}').toString('base64url'))
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  it('keeps what the person has yet to mend', () => {
    const values = filled((v) => {
      v.basics.name = 'Not A Name'
      v.networking.firewallRules = [{ name: '', startIp: '999', endIp: '' }]
    })
    expect(decodeValues(encodeValues(values)).values.networking).toEqual(values.networking)
    expect(decodeValues(encodeValues(values)).values.basics.name).toBe('Not A Name')
  })

  it.each([
    ['text that is not base64', '%%%'],
    ['bytes that are not JSON', Buffer.from('nonsense').toString('base64url')],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x80]).toString('base64url')],
    ['another format', base64Url({ v: 2, d: {} })],
    ['a wrong type', base64Url({ v: 1, d: { basics: { name: 7 } } })],
    ['a choice that does not exist', base64Url({ v: 1, d: { networking: { connectivity: 'Carrier pigeon' } } })],
    ['null for an object', base64Url({ v: 1, d: { basics: null } })],
    ['a text where a list belongs', base64Url({ v: 1, d: { tags: 'x' } })],
    ['too much', 'A'.repeat(12_001)],
  ])('ignores %s and says so', (_, link) => {
    expect(decodeValues(link)).toEqual({ values: DEFAULT_VALUES, broken: true })
  })

  it('is not called broken when there is none', () => {
    expect(decodeValues(undefined).broken).toBe(false)
  })
})

describe('what is sent', () => {
  it('holds no identity or key with a service-managed key, though the form remembers them', () => {
    const values = filled((v) => {
      v.encryption.primary = { identityId: 'i', keyUri: 'k', autoUpdate: true }
    })
    expect(toInput(values).encryption).toEqual({ type: 'SystemManaged', primary: null, geo: null })
  })

  it('holds the second key only while geo-redundant backup is on', () => {
    const values = filled((v) => {
      v.encryption.type = 'AzureKeyVault'
    })
    expect(toInput(values).encryption.geo).toBeNull()
    values.basics.backup.geoRedundant = true
    expect(toInput(values).encryption.geo).toEqual(values.encryption.geo)
  })

  it('holds no password when only Entra authentication is allowed', () => {
    const values = filled((v) => {
      v.basics.authentication.method = 'EntraOnly'
      v.basics.authentication.entraAdministrator = 'someone'
    })
    expect(toInput(values).basics.authentication.password).toBe('')
  })

  it('holds no firewall rules without public access', () => {
    const rules = [{ name: 'office', startIp: '203.0.113.1', endIp: '203.0.113.1' }]
    const closed = filled((v) => {
      v.networking.publicAccess = false
      v.networking.firewallRules = rules
    })
    expect(toInput(closed).networking.firewallRules).toEqual([])
    const inVnet = filled((v) => {
      v.networking.connectivity = 'Private'
      v.networking.firewallRules = rules
    })
    expect(toInput(inVnet).networking).toMatchObject({ firewallRules: [], publicAccess: false })
  })
})

describe('errors of the form', () => {
  it('are none for a form that the server accepts', async () => {
    expect(await errorsOf(filled())).toEqual({})
  })

  it('name the second password when it differs', async () => {
    expect(await errorsOf({ ...filled(), confirmPassword: 'other' })).toHaveProperty('confirmPassword')
  })

  it('come with the contract’s paths for the second region', async () => {
    const errors = await errorsOf(
      filled((v) => {
        v.encryption.type = 'AzureKeyVault'
        v.basics.backup.geoRedundant = true
      }),
    )
    expect(Object.keys(errors).toSorted()).toEqual([
      'encryption.geo.identityId',
      'encryption.geo.keyUri',
      'encryption.primary.identityId',
      'encryption.primary.keyUri',
    ])
  })

  it('come with the position of a faulty rule', async () => {
    const errors = await errorsOf(
      filled((v) => {
        v.networking.firewallRules = [
          { name: 'a', startIp: '10.0.0.1', endIp: '10.0.0.1' },
          { name: 'b', startIp: '10.0.0.9', endIp: '10.0.0.1' },
        ]
      }),
    )
    expect(Object.keys(errors)).toEqual(['networking.firewallRules.1.endIp'])
  })

  it('repeat what the server refused for as long as the value stays', async () => {
    const refusals = () => [{ path: 'basics.name', value: 'contoso-orders', message: 'This name is taken.' }]
    expect(await errorsOf(filled(), refusals)).toEqual({ 'basics.name': 'This name is taken.' })
    const renamed = filled((v) => {
      v.basics.name = 'contoso-orders-2'
    })
    expect(await errorsOf(renamed, refusals)).toEqual({})
  })
})

describe('the order of fields', () => {
  it('is that of the tabs, so that the first fault is the topmost', () => {
    expect(inFieldOrder(['tags.0.name', 'encryption.primary.keyUri', 'confirmPassword', 'basics.name'])).toEqual([
      'basics.name',
      'confirmPassword',
      'encryption.primary.keyUri',
      'tags.0.name',
    ])
  })

  it('sorts list items by number', () => {
    expect(inFieldOrder(['tags.10.name', 'tags.2.name'])).toEqual(['tags.2.name', 'tags.10.name'])
  })

  it.each([
    ['basics.storage.iops', 'basics'],
    ['confirmPassword', 'basics'],
    ['networking.firewallRules.3.endIp', 'networking'],
    ['encryption.geo.keyUri', 'security'],
    ['tags.0.name', 'tags'],
  ])('knows the tab of %s', (path, tab) => {
    expect(tabOf(path)).toBe(tab)
  })
})
