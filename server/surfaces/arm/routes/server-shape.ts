import { RESOURCE_TYPES, resourceId } from '@/server/kernel/resource-id'
import type { KeyUseView, ServerView } from '@/server/postgres/contract'

const onOff = (on: boolean) => (on ? 'Enabled' : 'Disabled')
const zone = (text: string) => (text === 'none' ? '' : text)

/** A server as ARM writes it (2025-08-01). What its password is sealed as, or its data key, is not among it. */
export function serverShape(server: ServerView, tenantId: string) {
  const { properties: p, encryption } = server
  const byPassword = p.authentication.method !== 'EntraOnly'
  return {
    id: server.id,
    name: server.name,
    type: RESOURCE_TYPES.server,
    location: server.location,
    tags: server.tags,
    sku: { name: server.sku, tier: server.tier },
    systemData: { createdAt: server.createdAt, createdBy: server.createdBy },
    ...(server.attachedIdentityIds.length ? { identity: identityShape(server, tenantId) } : {}),
    properties: {
      ...(byPassword ? { administratorLogin: server.administratorLogin } : {}),
      version: server.version,
      state: server.state,
      fullyQualifiedDomainName: server.fqdn,
      storage: {
        type: p.storage.type,
        storageSizeGB: p.storage.sizeGiB,
        autoGrow: onOff(p.storage.autoGrow),
        tier: p.storage.performanceTier,
        iops: p.storage.iops,
        throughput: p.storage.throughput,
      },
      authConfig: {
        activeDirectoryAuth: onOff(p.authentication.method !== 'PasswordOnly'),
        passwordAuth: onOff(byPassword),
      },
      dataEncryption: encryptionShape(encryption),
      backup: { backupRetentionDays: p.backup.retentionDays, geoRedundantBackup: onOff(p.backup.geoRedundant) },
      network: networkShape(server),
      highAvailability: {
        mode: p.highAvailability.mode,
        // SIMULATED: a standby is a check of key access alone; one that lost its key has no state of its own in Azure.
        state: server.highAvailabilityState === 'Degraded' ? 'RecreatingStandby' : server.highAvailabilityState,
        standbyAvailabilityZone: zone(p.highAvailability.standbyZone),
      },
      maintenanceWindow: { customWindow: 'Disabled', dayOfWeek: 0, startHour: 0, startMinute: 0 },
      availabilityZone: zone(p.availabilityZone),
      replicationRole: 'Primary',
      replicaCapacity: 5,
      replica: { role: 'Primary', capacity: 5 },
      privateEndpointConnections: [],
    },
  }
}

function identityShape(server: ServerView, tenantId: string) {
  const uses = [server.encryption.primary, server.encryption.geo]
  const principalOf = (id: string) => uses.find((u) => u?.identityId?.toLowerCase() === id.toLowerCase())?.principalId
  return {
    type: 'UserAssigned',
    tenantId,
    userAssignedIdentities: Object.fromEntries(
      server.attachedIdentityIds.map((id) => [id, { principalId: principalOf(id) ?? undefined }]),
    ),
  }
}

function encryptionShape({ type, primary, geo }: ServerView['encryption']) {
  if (type === 'SystemManaged') return { type }
  return { type, ...keyShape(primary, 'primary'), ...keyShape(geo, 'geoBackup') }
}

const keyShape = (use: KeyUseView | null, which: 'primary' | 'geoBackup') =>
  use && {
    [`${which}KeyURI`]: use.keyUri,
    [`${which}UserAssignedIdentityId`]: use.identityId,
    [`${which}EncryptionKeyStatus`]: use.status,
  }

function networkShape({ subscriptionId, resourceGroup, properties: { networking: n } }: ServerView) {
  const at = (type: string, name: string) => resourceId({ subscriptionId, resourceGroup, type, name })
  return {
    publicNetworkAccess: onOff(n.publicAccess),
    ...(n.connectivity === 'Private' && {
      delegatedSubnetResourceId: `${at('Microsoft.Network/virtualNetworks', n.virtualNetwork)}/subnets/${n.subnet}`,
      ...(n.privateDnsZone && {
        privateDnsZoneArmResourceId: at('Microsoft.Network/privateDnsZones', n.privateDnsZone),
      }),
    }),
  }
}
