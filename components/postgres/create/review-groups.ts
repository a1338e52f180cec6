import { regionDisplayName } from '@/server/kernel/regions'
import { parseResourceId } from '@/server/kernel/resource-id'
import { findSku } from '@/server/postgres/catalog'
import type { CreateServerInput, KeyChoice } from '@/server/postgres/contract'
import { MODES } from '@/server/postgres/model'
import { methodLabel } from './authentication-labels'

export type ReviewValue = { label: string; value: string; mono?: boolean }
export type ReviewGroup = { tab: 'basics' | 'networking' | 'security' | 'tags'; title: string; values: ReviewValue[] }

/** Names that the request holds only by id. */
export type ReviewNames = { subscription: string; entraAdministrator: string | null }

/** What was asked for, by tab, in words. The password is not among it. */
export function reviewGroups(input: CreateServerInput, names: ReviewNames): ReviewGroup[] {
  return [
    { tab: 'basics', title: 'Basics', values: basicsValues(input.basics, names) },
    { tab: 'networking', title: 'Networking', values: networkingValues(input.networking) },
    { tab: 'security', title: 'Security', values: securityValues(input) },
    {
      tab: 'tags',
      title: 'Tags',
      values: input.tags.map((t) => ({ label: t.name || '(no name)', value: t.value })),
    },
  ]
}

const yesNo = (yes: boolean): string => (yes ? 'Yes' : 'No')
const onOff = (on: boolean): string => (on ? 'Enabled' : 'Disabled')
const zone = (value: string): string => (value === 'none' ? 'No preference' : `Zone ${value}`)

const TIERS = { Burstable: 'Burstable', GeneralPurpose: 'General Purpose', MemoryOptimized: 'Memory Optimized' }
const HA = { Disabled: 'Disabled', SameZone: 'Same zone', ZoneRedundant: 'Zone redundant' }

function basicsValues(basics: CreateServerInput['basics'], names: ReviewNames): ReviewValue[] {
  const { authentication, highAvailability } = basics
  const sku = findSku(basics.compute.sku)
  return [
    { label: 'Subscription', value: names.subscription },
    { label: 'Resource group', value: basics.resourceGroup },
    { label: 'Server name', value: basics.name },
    { label: 'Region', value: basics.location ? regionDisplayName(basics.location) : '' },
    { label: 'PostgreSQL version', value: basics.version },
    { label: 'Workload type', value: basics.workloadType },
    {
      label: 'Compute',
      value: `${TIERS[basics.compute.tier]}, ${basics.compute.sku.replace('Standard_', '')}${sku ? ` (${sku.vCores} vCores, ${sku.memoryGiB} GiB)` : ''}`,
    },
    { label: 'Storage', value: storageText(basics.storage) },
    { label: 'Availability zone', value: zone(basics.availabilityZone) },
    {
      label: 'High availability',
      value: `${HA[highAvailability.mode]}${highAvailability.mode === 'ZoneRedundant' ? `, standby: ${zone(highAvailability.standbyZone)}` : ''}`,
    },
    { label: 'Backup retention', value: `${basics.backup.retentionDays} days` },
    { label: 'Geo-redundant backup', value: onOff(basics.backup.geoRedundant) },
    { label: 'Authentication', value: methodLabel(authentication.method) },
    ...(authentication.method === 'EntraOnly'
      ? []
      : [{ label: 'Administrator login', value: authentication.administratorLogin }]),
    ...(authentication.method === 'PasswordOnly'
      ? []
      : [{ label: 'Microsoft Entra administrator', value: names.entraAdministrator ?? '' }]),
  ]
}

function storageText(storage: CreateServerInput['basics']['storage']): string {
  return storage.type === 'PremiumV2_LRS'
    ? `Premium SSD v2, ${storage.sizeGiB} GiB, ${storage.iops} IOPS, ${storage.throughput} MB/s`
    : `Premium SSD, ${storage.sizeGiB} GiB${storage.performanceTier ? `, ${storage.performanceTier}` : ''}, autogrow ${storage.autoGrow ? 'on' : 'off'}`
}

function networkingValues(networking: CreateServerInput['networking']): ReviewValue[] {
  if (networking.connectivity === 'Private') {
    return [
      { label: 'Connectivity method', value: 'Private access (VNET Integration)' },
      { label: 'Virtual network', value: networking.virtualNetwork },
      { label: 'Subnet', value: networking.subnet },
      { label: 'Private DNS zone', value: networking.privateDnsZone },
    ]
  }
  return [
    { label: 'Connectivity method', value: 'Public access (allowed IP addresses) and Private endpoint' },
    { label: 'Public access', value: onOff(networking.publicAccess) },
    { label: 'Allow any Azure service', value: yesNo(networking.allowAzureServices) },
    ...networking.firewallRules.map((rule) => ({
      label: `Firewall rule ${rule.name}`,
      value: `${rule.startIp} - ${rule.endIp}`,
    })),
  ]
}

function securityValues({ basics, encryption }: CreateServerInput): ReviewValue[] {
  return [
    { label: 'Data encryption key', value: MODES[encryption.type] },
    ...keyValues(encryption.primary, basics.location ? regionDisplayName(basics.location) : 'server'),
    ...keyValues(encryption.geo, 'paired region'),
  ]
}

function keyValues(choice: KeyChoice | null, where: string): ReviewValue[] {
  if (!choice) return []
  return [
    { label: `Managed identity (${where})`, value: parseResourceId(choice.identityId)?.name ?? choice.identityId },
    { label: `Key (${where})`, value: choice.keyUri, mono: true },
    { label: `Automatic key version update (${where})`, value: yesNo(choice.autoUpdate) },
  ]
}
