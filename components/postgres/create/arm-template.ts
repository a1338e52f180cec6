import type { CreateServerInput } from '@/server/postgres/contract'

export const API_VERSION = '2025-08-01'
const TYPE = 'Microsoft.DBforPostgreSQL/flexibleServers'
const PASSWORD_PARAMETER = 'administratorLoginPassword'

/** The rule by which Azure stores "any Azure service". */
export const AZURE_SERVICES = {
  name: 'AllowAllAzureServicesAndResourcesWithinAzureIps',
  startIp: '0.0.0.0',
  endIp: '0.0.0.0',
}

/** The request; its password is never read. */
type TemplateInput = CreateServerInput
export type EntraAdministrator = { objectId: string; name: string; type: string } | null

/** A text that begins with a bracket would be taken for an expression; within one, a quote is doubled. */
const literal = (text: string): string => (text.startsWith('[') ? `[${text}` : text)
const inner = (text: string): string => text.replaceAll("'", "''")

const onOff = (on: boolean): string => (on ? 'Enabled' : 'Disabled')

/** The deployment as an ARM template (JSON). The password is a secure parameter, so the text holds no secret. */
export function armTemplate(input: TemplateInput, administrator: EntraAdministrator = null): string {
  const { basics } = input
  const byPassword = basics.authentication.method !== 'EntraOnly'
  const template = {
    $schema: 'https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#',
    contentVersion: '1.0.0.0',
    parameters: byPassword ? { [PASSWORD_PARAMETER]: { type: 'securestring' } } : {},
    resources: [serverResource(input), ...ruleResources(input), ...administratorResources(basics.name, administrator)],
  }
  return JSON.stringify(template, null, 2)
}

function serverResource(input: TemplateInput): object {
  const { basics, encryption, tags } = input
  const identities = [encryption.primary, encryption.geo].flatMap((choice) =>
    choice?.identityId ? [choice.identityId] : [],
  )
  return {
    type: TYPE,
    apiVersion: API_VERSION,
    name: basics.name,
    location: basics.location,
    ...(tags.length ? { tags: Object.fromEntries(tags.map((t) => [t.name, literal(t.value)])) } : {}),
    sku: { name: basics.compute.sku, tier: basics.compute.tier },
    ...(identities.length
      ? {
          identity: {
            type: 'UserAssigned',
            userAssignedIdentities: Object.fromEntries(identities.map((id) => [id, {}])),
          },
        }
      : {}),
    properties: serverProperties(input),
  }
}

function serverProperties({ basics, networking, encryption }: TemplateInput): object {
  const { authentication, availabilityZone, highAvailability, backup } = basics
  const byPassword = authentication.method !== 'EntraOnly'
  return {
    createMode: 'Default',
    version: basics.version,
    ...(byPassword
      ? {
          administratorLogin: authentication.administratorLogin,
          administratorLoginPassword: `[parameters('${PASSWORD_PARAMETER}')]`,
        }
      : {}),
    authConfig: {
      passwordAuth: onOff(byPassword),
      activeDirectoryAuth: onOff(authentication.method !== 'PasswordOnly'),
      ...(authentication.method !== 'PasswordOnly' ? { tenantId: '[subscription().tenantId]' } : {}),
    },
    ...(availabilityZone === 'none' ? {} : { availabilityZone }),
    storage: storageProperties(basics.storage),
    backup: { backupRetentionDays: backup.retentionDays, geoRedundantBackup: onOff(backup.geoRedundant) },
    highAvailability: {
      mode: highAvailability.mode,
      ...(highAvailability.standbyZone === 'none' ? {} : { standbyAvailabilityZone: highAvailability.standbyZone }),
    },
    network: networkProperties(networking),
    ...(encryption.type === 'AzureKeyVault' ? { dataEncryption: encryptionProperties(encryption) } : {}),
  }
}

const storageProperties = (storage: TemplateInput['basics']['storage']): object => ({
  storageSizeGB: storage.sizeGiB,
  type: storage.type,
  ...(storage.type === 'PremiumV2_LRS'
    ? { iops: storage.iops, throughput: storage.throughput }
    : { autoGrow: onOff(storage.autoGrow), ...(storage.performanceTier ? { tier: storage.performanceTier } : {}) }),
})

function networkProperties(networking: TemplateInput['networking']): object {
  if (networking.connectivity === 'Public') return { publicNetworkAccess: onOff(networking.publicAccess) }
  const { virtualNetwork, subnet, privateDnsZone } = networking
  return {
    delegatedSubnetResourceId: `[resourceId('Microsoft.Network/virtualNetworks/subnets', '${inner(virtualNetwork)}', '${inner(subnet)}')]`,
    ...(privateDnsZone
      ? {
          privateDnsZoneArmResourceId: `[resourceId('Microsoft.Network/privateDnsZones', '${inner(privateDnsZone)}')]`,
        }
      : {}),
  }
}

const encryptionProperties = ({ type, primary, geo }: TemplateInput['encryption']): object => ({
  type,
  primaryKeyURI: primary?.keyUri,
  primaryUserAssignedIdentityId: primary?.identityId,
  ...(geo ? { geoBackupKeyURI: geo.keyUri, geoBackupUserAssignedIdentityId: geo.identityId } : {}),
})

const dependsOnServer = (name: string) => ({ dependsOn: [`[resourceId('${TYPE}', '${name}')]`] })

function ruleResources({ basics, networking }: TemplateInput): object[] {
  const rules = [...(networking.allowAzureServices ? [AZURE_SERVICES] : []), ...networking.firewallRules]
  return rules.map((rule) => ({
    type: `${TYPE}/firewallRules`,
    apiVersion: API_VERSION,
    name: `${basics.name}/${rule.name}`,
    ...dependsOnServer(basics.name),
    properties: { startIpAddress: rule.startIp, endIpAddress: rule.endIp },
  }))
}

function administratorResources(name: string, administrator: EntraAdministrator): object[] {
  if (!administrator) return []
  return [
    {
      type: `${TYPE}/administrators`,
      apiVersion: API_VERSION,
      name: `${name}/${administrator.objectId}`,
      ...dependsOnServer(name),
      properties: {
        principalName: administrator.name,
        principalType: administrator.type,
        tenantId: '[subscription().tenantId]',
      },
    },
  ]
}

/** For a POSIX shell: single quotes, and a quote within them as `'\''`. */
const quoted = (text: string): string => (/^[\w./:@=+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

/**
 * The same as one `az postgres flexible-server create` and a command for each further rule. The password is read from
 * an environment variable, so the text holds no secret.
 */
export function cliText(input: TemplateInput, administrator: EntraAdministrator = null): string {
  const { basics, networking, tags } = input
  const flags: [flag: string, value: string | number | null][] = [
    ['--subscription', basics.subscriptionId],
    ['--resource-group', basics.resourceGroup],
    ['--name', basics.name],
    ['--location', basics.location],
    ['--version', basics.version],
    ...computeFlags(basics),
    ...authenticationFlags(basics.authentication, administrator),
    ...networkFlags(networking),
    ...encryptionFlags(input.encryption),
  ]
  const lines = flags
    .filter(([, value]) => value !== null && value !== '')
    .map(([flag, value]) => `${flag} ${argument(value)}`)
  if (tags.length) lines.push(`--tags ${tags.map((t) => quoted(`${t.name}=${t.value}`)).join(' ')}`)
  const create = ['az postgres flexible-server create', ...lines, '--yes'].join(' \\\n  ')
  return [create, ...ruleCommands(input)].join('\n\n')
}

const PASSWORD_VARIABLE = '"$ADMIN_PASSWORD"'
const argument = (value: string | number | null): string =>
  value === PASSWORD_VARIABLE ? PASSWORD_VARIABLE : quoted(String(value))

type Flags = [flag: string, value: string | number | null][]

function computeFlags({
  compute,
  storage,
  availabilityZone,
  highAvailability,
  backup,
}: TemplateInput['basics']): Flags {
  const v2 = storage.type === 'PremiumV2_LRS'
  const zone = (value: string) => (value === 'none' ? null : value)
  return [
    ['--tier', compute.tier],
    ['--sku-name', compute.sku],
    ['--storage-type', storage.type],
    ['--storage-size', storage.sizeGiB],
    ['--performance-tier', storage.performanceTier],
    ['--storage-auto-grow', v2 ? null : onOff(storage.autoGrow)],
    ['--iops', v2 ? storage.iops : null],
    ['--throughput', v2 ? storage.throughput : null],
    ['--zone', zone(availabilityZone)],
    ['--high-availability', highAvailability.mode],
    ['--standby-zone', zone(highAvailability.standbyZone)],
    ['--backup-retention', backup.retentionDays],
    ['--geo-redundant-backup', onOff(backup.geoRedundant)],
  ]
}

function authenticationFlags(
  auth: TemplateInput['basics']['authentication'],
  administrator: EntraAdministrator,
): Flags {
  const byPassword = auth.method !== 'EntraOnly'
  return [
    ['--password-auth', onOff(byPassword)],
    ['--microsoft-entra-auth', onOff(auth.method !== 'PasswordOnly')],
    ['--admin-user', byPassword ? auth.administratorLogin : null],
    ['--admin-password', byPassword ? PASSWORD_VARIABLE : null],
    ['--admin-object-id', administrator?.objectId ?? null],
    ['--admin-display-name', administrator?.name ?? null],
    ['--admin-type', administrator?.type ?? null],
  ]
}

function networkFlags(networking: TemplateInput['networking']): Flags {
  if (networking.connectivity === 'Private') {
    return [
      ['--vnet', networking.virtualNetwork],
      ['--subnet', networking.subnet],
      ['--private-dns-zone', networking.privateDnsZone],
    ]
  }
  // 'None' keeps public access without a rule; the rules follow as commands of their own.
  return [['--public-access', networking.publicAccess ? 'None' : 'Disabled']]
}

const encryptionFlags = ({ primary, geo }: TemplateInput['encryption']): Flags => [
  ['--key', primary?.keyUri ?? null],
  ['--identity', primary?.identityId ?? null],
  ['--backup-key', geo?.keyUri ?? null],
  ['--backup-identity', geo?.identityId ?? null],
]

function ruleCommands({ basics, networking }: TemplateInput): string[] {
  const rules = [...(networking.allowAzureServices ? [AZURE_SERVICES] : []), ...networking.firewallRules]
  return rules.map((rule) =>
    [
      'az postgres flexible-server firewall-rule create',
      `--subscription ${quoted(basics.subscriptionId)} --resource-group ${quoted(basics.resourceGroup)}`,
      `--server-name ${quoted(basics.name)} --name ${quoted(rule.name)}`,
      `--start-ip-address ${quoted(rule.startIp)} --end-ip-address ${quoted(rule.endIp)}`,
    ].join(' \\\n  '),
  )
}
