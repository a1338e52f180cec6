import type { CreateServerInput } from '@/server/postgres/contract'
import { AZURE_SERVICES, type EntraAdministrator } from './arm-template'

const TYPE = 'azurerm_postgresql_flexible_server'
const SKU_PREFIXES = { Burstable: 'B', GeneralPurpose: 'GP', MemoryOptimized: 'MO' }

/** An expression of Terraform's, not a text. */
type Expression = { expression: string }
type Value = string | number | boolean | null | Expression | string[] | Block
type Block = { [name: string]: Value }
const expression = (text: string): Expression => ({ expression: text })

/**
 * The deployment for Terraform's azurerm provider. The password is a sensitive variable, so the text holds no secret.
 * What the provider has no word for is said in comments.
 */
export function terraformText(input: CreateServerInput, administrator: EntraAdministrator = null): string {
  const byPassword = input.basics.authentication.method !== 'EntraOnly'
  return `${[
    ...(byPassword ? ['variable "administrator_password" {\n  type      = string\n  sensitive = true\n}'] : []),
    ...(administrator || input.basics.authentication.method !== 'PasswordOnly'
      ? ['data "azurerm_client_config" "current" {}']
      : []),
    [...notes(input), resource(TYPE, 'server', serverBlock(input))].join('\n'),
    ...rules(input),
    ...administrators(input, administrator),
  ].join('\n\n')}\n`
}

function notes({ basics, encryption }: CreateServerInput): string[] {
  return [
    ...(encryption.type === 'AzureKeyVault'
      ? ['# Adding or removing the block customer_managed_key replaces the server, and its data is lost.']
      : []),
    ...(encryption.primary?.autoUpdate ? ['# Key ids without a version need a provider of mid-2025 or newer.'] : []),
    ...(basics.storage.type === 'PremiumV2_LRS'
      ? ['# The provider has no Premium SSD v2: this makes Premium SSD. Use the ARM template for v2.']
      : []),
  ]
}

function serverBlock({ basics, networking, encryption, tags }: CreateServerInput): Block {
  const { authentication, storage, highAvailability, backup } = basics
  const byPassword = authentication.method !== 'EntraOnly'
  const zone = (text: string) => (text === 'none' ? null : text)
  return {
    name: basics.name,
    resource_group_name: basics.resourceGroup,
    location: basics.location,
    version: basics.version,
    sku_name: `${SKU_PREFIXES[basics.compute.tier]}_${basics.compute.sku}`,
    storage_mb: storage.sizeGiB * 1024,
    storage_tier: storage.performanceTier,
    auto_grow_enabled: storage.autoGrow,
    backup_retention_days: backup.retentionDays,
    geo_redundant_backup_enabled: backup.geoRedundant,
    zone: zone(basics.availabilityZone),
    administrator_login: byPassword ? authentication.administratorLogin : null,
    administrator_password: byPassword ? expression('var.administrator_password') : null,
    ...networkArguments(networking),
    tags: tags.length ? expression(mapText(Object.fromEntries(tags.map((t) => [t.name, t.value])))) : null,
    authentication: {
      password_auth_enabled: byPassword,
      active_directory_auth_enabled: authentication.method !== 'PasswordOnly',
      tenant_id:
        authentication.method === 'PasswordOnly' ? null : expression('data.azurerm_client_config.current.tenant_id'),
    },
    ...(highAvailability.mode === 'Disabled'
      ? {}
      : {
          high_availability: {
            mode: highAvailability.mode,
            standby_availability_zone: zone(highAvailability.standbyZone),
          },
        }),
    ...encryptionBlocks(encryption),
  }
}

function networkArguments(networking: CreateServerInput['networking']): Block {
  if (networking.connectivity === 'Public') return { public_network_access_enabled: networking.publicAccess }
  const { subnet, privateDnsZone } = networking
  return {
    public_network_access_enabled: false,
    delegated_subnet_id: expression(`azurerm_subnet.${symbol(subnet)}.id`),
    private_dns_zone_id: privateDnsZone ? expression(`azurerm_private_dns_zone.${symbol(privateDnsZone)}.id`) : null,
  }
}

function encryptionBlocks({ type, primary, geo }: CreateServerInput['encryption']): Block {
  if (type !== 'AzureKeyVault' || !primary) return {}
  return {
    identity: {
      type: 'UserAssigned',
      identity_ids: [primary.identityId, ...(geo ? [geo.identityId] : [])],
    },
    customer_managed_key: {
      key_vault_key_id: primary.keyUri,
      primary_user_assigned_identity_id: primary.identityId,
      geo_backup_key_vault_key_id: geo?.keyUri ?? null,
      geo_backup_user_assigned_identity_id: geo?.identityId ?? null,
    },
  }
}

function rules({ networking }: CreateServerInput): string[] {
  const all = [...(networking.allowAzureServices ? [AZURE_SERVICES] : []), ...networking.firewallRules]
  return all.map(({ name, startIp, endIp }) =>
    resource(`${TYPE}_firewall_rule`, symbol(name), {
      name,
      server_id: expression(`${TYPE}.server.id`),
      start_ip_address: startIp,
      end_ip_address: endIp,
    }),
  )
}

function administrators({ basics }: CreateServerInput, administrator: EntraAdministrator): string[] {
  if (!administrator) return []
  return [
    resource(`${TYPE}_active_directory_administrator`, 'administrator', {
      server_name: expression(`${TYPE}.server.name`),
      resource_group_name: basics.resourceGroup,
      tenant_id: expression('data.azurerm_client_config.current.tenant_id'),
      object_id: administrator.objectId,
      principal_name: administrator.name,
      principal_type: administrator.type,
    }),
  ]
}

/** A name as Terraform's own identifiers are: letters, digits and underscores, a letter first. */
const symbol = (name: string): string => name.replace(/\W/g, '_').replace(/^(\d)/, '_$1') || 'unnamed'

const resource = (type: string, name: string, block: Block): string =>
  `resource "${type}" "${name}" ${blockText(block, '')}`

function blockText(block: Block, indent: string): string {
  const deeper = `${indent}  `
  const given = Object.entries(block).filter(([, value]) => value !== null)
  const width = Math.max(...given.filter(([, v]) => !isBlock(v)).map(([name]) => name.length), 0)
  const lines = given.map(([name, value]) =>
    isBlock(value)
      ? `\n${deeper}${name} ${blockText(value, deeper)}`
      : `${deeper}${name.padEnd(width)} = ${valueText(value)}`,
  )
  return `{\n${lines.join('\n')}\n${indent}}`
}

const isBlock = (value: Value): value is Block =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !('expression' in value)

function valueText(value: Exclude<Value, Block>): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value)) return `[${value.map(quoted).join(', ')}]`
  return typeof value === 'object' && value !== null ? (value as Expression).expression : String(value)
}

const mapText = (map: Record<string, string>): string =>
  `{ ${Object.entries(map)
    .map(([key, value]) => `${quoted(key)} = ${quoted(value)}`)
    .join(', ')} }`

/** A text of Terraform's: what would begin an expression in it is doubled. */
const quoted = (text: string): string =>
  `"${text
    .replace(/["\\]/g, (c) => `\\${c}`)
    .replaceAll('\n', '\\n')
    .replace(/[$%](?=\{)/g, (c) => c + c)}"`
