import { describe, expect, it } from 'vitest'
import { armTemplate, cliText } from '@/components/postgres/create/arm-template'
import { versionOf, withoutVersion, withVersion } from '@/components/postgres/create/key-uri'
import { reviewGroups } from '@/components/postgres/create/review-groups'
import { DEFAULT_VALUES, fromInput, toInput } from '@/components/postgres/create/wizard-values'
import type { CreateServerInput } from '@/server/postgres/contract'

const PASSWORD = 'Sentinel-Passw0rd'
const identity = (name: string) =>
  `/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`

function input(change: (input: CreateServerInput) => void = () => undefined): CreateServerInput {
  const value = structuredClone(toInput(DEFAULT_VALUES))
  Object.assign(value.basics, { subscriptionId: 's', resourceGroup: 'g', name: 'orders', location: 'swedencentral' })
  Object.assign(value.basics.authentication, { administratorLogin: 'dbadmin', password: PASSWORD })
  change(value)
  return value
}

const withKeys = (value: CreateServerInput) => {
  value.basics.backup.geoRedundant = true
  value.encryption = {
    type: 'AzureKeyVault',
    primary: { identityId: identity('a'), keyUri: 'https://a-kv.vault.localhost/keys/k', autoUpdate: true },
    geo: { identityId: identity('b'), keyUri: 'https://b-kv.vault.localhost/keys/k', autoUpdate: true },
  }
}

type Resource = { type: string; name: string; identity?: object; properties: Record<string, unknown> }
const resources = (value: CreateServerInput): Resource[] => JSON.parse(armTemplate(value)).resources

describe('the template', () => {
  it('and the commands hold no password', () => {
    const texts = [
      armTemplate(input(withKeys)),
      cliText(input(withKeys)),
      JSON.stringify(reviewGroups(input(withKeys), { subscription: 's', entraAdministrator: null })),
    ]
    for (const text of texts) expect(text).not.toContain(PASSWORD)
    expect(JSON.parse(texts[0]!).parameters.administratorLoginPassword.type).toBe('securestring')
  })

  it('names identity and keys only for a customer-managed key', () => {
    const [plain] = resources(input())
    expect(plain).not.toHaveProperty('identity')
    expect(plain!.properties).not.toHaveProperty('dataEncryption')
    const [own] = resources(input(withKeys))
    expect(own!.identity).toEqual({
      type: 'UserAssigned',
      userAssignedIdentities: { [identity('a')]: {}, [identity('b')]: {} },
    })
    expect(own!.properties.dataEncryption).toEqual({
      type: 'AzureKeyVault',
      primaryKeyURI: 'https://a-kv.vault.localhost/keys/k',
      primaryUserAssignedIdentityId: identity('a'),
      geoBackupKeyURI: 'https://b-kv.vault.localhost/keys/k',
      geoBackupUserAssignedIdentityId: identity('b'),
    })
  })

  it('has a resource for each firewall rule, and the one that stands for Azure services', () => {
    const rules = resources(
      input((v) => {
        v.networking.allowAzureServices = true
        v.networking.firewallRules = [{ name: 'office', startIp: '203.0.113.1', endIp: '203.0.113.9' }]
      }),
    ).slice(1)
    expect(rules.map((r) => r.name)).toEqual([
      'orders/AllowAllAzureServicesAndResourcesWithinAzureIps',
      'orders/office',
    ])
    expect(rules[1]!.properties).toEqual({ startIpAddress: '203.0.113.1', endIpAddress: '203.0.113.9' })
  })

  it('takes no text for an expression', () => {
    const value = input((v) => {
      v.tags = [{ name: 'note', value: '[resourceGroup().name]' }]
      Object.assign(v.networking, { connectivity: 'Private', virtualNetwork: "v'), evil('", subnet: 'db' })
    })
    const [server] = resources(value) as (Resource & { tags: Record<string, string> })[]
    expect(server!.tags.note).toBe('[[resourceGroup().name]')
    expect((server!.properties.network as Record<string, string>).delegatedSubnetResourceId).toContain(
      "'v''), evil('''",
    )
  })

  it('asks for no password with Entra authentication only', () => {
    const entra = input((v) =>
      Object.assign(v.basics.authentication, { method: 'EntraOnly', administratorLogin: '', password: '' }),
    )
    expect(JSON.parse(armTemplate(entra)).parameters).toEqual({})
    expect(cliText(entra)).not.toContain('--admin-password')
  })
})

describe('the commands', () => {
  it('quote what a shell would take apart', () => {
    const text = cliText(input((v) => v.tags.push({ name: 'owner', value: "it's $HOME; rm" })))
    expect(text).toContain(`--tags 'owner=it'\\''s $HOME; rm'`)
  })

  it('give keys and identities in pairs', () => {
    const text = cliText(input(withKeys))
    for (const flag of ['--key', '--identity', '--backup-key', '--backup-identity'])
      expect(text).toMatch(new RegExp(`^  ${flag} `, 'm'))
    expect(cliText(input())).not.toContain('--key')
  })
})

describe('a request made over again', () => {
  it('fills the form as it was', () => {
    const value = input(withKeys)
    expect(toInput(fromInput(value))).toEqual(value)
    const plain = input()
    expect(toInput(fromInput(plain))).toEqual(plain)
  })
})

describe('the checkbox for automatic key version update', () => {
  const versionless = 'https://a-kv.vault.localhost:8443/keys/k'
  const version = '0123456789abcdef0123456789abcdef'

  it('takes the version off the identifier and puts it back', () => {
    expect(withoutVersion(`${versionless}/${version}`)).toBe(versionless)
    expect(withVersion(versionless, version)).toBe(`${versionless}/${version}`)
    expect(versionOf(`${versionless}/${version}`)).toBe(version)
  })

  it('leaves alone what is no identifier, or has what is wanted', () => {
    expect(withoutVersion('half typed')).toBe('half typed')
    expect(withoutVersion(versionless)).toBe(versionless)
    expect(withVersion(versionless, undefined)).toBe(versionless)
    expect(withVersion('half typed', version)).toBe('half typed')
    expect(withVersion(`${versionless}/${version}`, 'f'.repeat(32))).toBe(`${versionless}/${version}`)
  })
})
