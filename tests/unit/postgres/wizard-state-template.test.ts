import { describe, expect, it } from 'vitest'
import { armTemplate, cliText } from '@/components/postgres/create/arm-template'
import { bicepText } from '@/components/postgres/create/bicep-text'
import { versionOf, withoutVersion, withVersion } from '@/components/postgres/create/key-uri'
import { reviewGroups } from '@/components/postgres/create/review-groups'
import { terraformText } from '@/components/postgres/create/terraform-text'
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
      bicepText(input(withKeys)),
      terraformText(input(withKeys)),
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

const office = { name: 'office', startIp: '203.0.113.1', endIp: '203.0.113.9' }
const administrator = { objectId: 'o-1', name: 'dba@contoso.example', type: 'User' }

describe('Bicep', () => {
  it('says what the template says, with the rules below their server', () => {
    const text = bicepText(
      input((v) => {
        withKeys(v)
        v.networking.firewallRules = [office]
        v.tags = [{ name: 'cost center', value: `it's \${x}` }]
      }),
      administrator,
    )
    expect(text).toContain('@secure()\nparam administratorLoginPassword string\n')
    expect(text).toContain("resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2025-08-01' = {")
    expect(text).toContain('    administratorLoginPassword: administratorLoginPassword\n')
    expect(text).toContain("      primaryKeyURI: 'https://a-kv.vault.localhost/keys/k'\n")
    expect(text).toContain(`      '${identity('a')}': {}\n`)
    expect(text).toContain(`    'cost center': 'it\\'s \\\${x}'\n`)
    expect(text).toContain("  parent: server\n  name: 'office'\n")
    expect(text).toContain('    tenantId: subscription().tenantId\n')
    expect(text).not.toContain('[')
  })

  it('takes a text in brackets for a text, and quotes within an expression', () => {
    const value = input((v) => {
      v.tags = [{ name: 'note', value: '[resourceGroup().name]' }]
      Object.assign(v.networking, { connectivity: 'Private', virtualNetwork: "v'net", subnet: 'db' })
    })
    expect(bicepText(value)).toContain("    note: '[resourceGroup().name]'\n")
    expect(bicepText(value)).toContain("resourceId('Microsoft.Network/virtualNetworks/subnets', 'v\\'net', 'db')")
  })
})

describe('Terraform', () => {
  it('names the server with both keys, and warns of what replaces it', () => {
    const text = terraformText(input(withKeys))
    expect(text).toContain('# Adding or removing the block customer_managed_key replaces the server')
    expect(text).toContain('sku_name                      = "GP_Standard_D2ds_v5"')
    expect(text).toContain('storage_mb                    = 131072')
    expect(text).toMatch(/key_vault_key_id +.*= "https:\/\/a-kv\.vault\.localhost\/keys\/k"/)
    expect(text).toMatch(/geo_backup_user_assigned_identity_id = ".*\/b"/)
    expect(text).toContain(`identity_ids = ["${identity('a')}", "${identity('b')}"]`)
    expect(text).toContain('administrator_password        = var.administrator_password')
    expect(terraformText(input())).not.toContain('customer_managed_key')
  })

  it('has a resource for each rule, and takes no text for an expression', () => {
    const text = terraformText(
      input((v) => {
        v.networking.firewallRules = [office, { ...office, name: '9-to-5' }]
        v.tags = [{ name: 'owner', value: `say "\${var.x}"` }]
      }),
      administrator,
    )
    expect(text).toContain('resource "azurerm_postgresql_flexible_server_firewall_rule" "office" {')
    expect(text).toContain('resource "azurerm_postgresql_flexible_server_firewall_rule" "_9_to_5" {')
    expect(text).toContain(`tags                          = { "owner" = "say \\"$\${var.x}\\"" }`)
    expect(text).toContain('principal_name      = "dba@contoso.example"')
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
