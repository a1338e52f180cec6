import { z } from 'zod'
import { sameId } from '@/server/kernel/resource-id'
import { parseKeyIdentifier } from '@/server/keys/model'
import { findSku, NEWEST_VERSION, PERFORMANCE_TIERS, VERSIONS } from '@/server/postgres/catalog'
import type {
  CreateServerInput,
  EncryptionInput,
  KeyChoice,
  ServerView,
  UpdateServerInput,
} from '@/server/postgres/contract'
import { ArmError } from '../errors'
import { locationBody, type Params, tagsBody } from '../request'

const onOff = z.string().transform((text) => text.toLowerCase() === 'enabled')

/** The wire name is `primaryKeyURI`; some documentation and clients write `primaryKeyUri`. */
const anySpelling = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, v]) => [name.replace(/KeyURI$/i, 'KeyUri'), v]))
}
const dataEncryptionBody = z.preprocess(
  anySpelling,
  z.object({
    type: z.enum(['SystemManaged', 'AzureKeyVault', 'SystemAssigned']).nullish(),
    primaryKeyUri: z.string().nullish(),
    primaryUserAssignedIdentityId: z.string().nullish(),
    geoBackupKeyUri: z.string().nullish(),
    geoBackupUserAssignedIdentityId: z.string().nullish(),
    primaryFederatedIdentityClientId: z.string().nullish(),
    geoBackupFederatedIdentityClientId: z.string().nullish(),
  }),
)
type DataEncryption = z.infer<typeof dataEncryptionBody>

const identityBody = z.object({
  type: z.string().nullish(),
  /** Null takes an identity away. */
  userAssignedIdentities: z.record(z.string(), z.object({}).loose().nullable()).nullish(),
})

const propertiesBody = z.object({
  administratorLogin: z.string().nullish(),
  administratorLoginPassword: z.string().nullish(),
  version: z.string().nullish(),
  createMode: z.string().nullish(),
  availabilityZone: z.string().nullish(),
  storage: z
    .object({
      storageSizeGB: z.number().nullish(),
      autoGrow: onOff.nullish(),
      tier: z.string().nullish(),
      iops: z.number().nullish(),
      throughput: z.number().nullish(),
      type: z.string().nullish(),
    })
    .nullish(),
  authConfig: z.object({ activeDirectoryAuth: onOff.nullish(), passwordAuth: onOff.nullish() }).nullish(),
  dataEncryption: dataEncryptionBody.nullish(),
  backup: z.object({ backupRetentionDays: z.number().nullish(), geoRedundantBackup: onOff.nullish() }).nullish(),
  network: z
    .object({
      publicNetworkAccess: onOff.nullish(),
      delegatedSubnetResourceId: z.string().nullish(),
      privateDnsZoneArmResourceId: z.string().nullish(),
    })
    .nullish(),
  highAvailability: z.object({ mode: z.string().nullish(), standbyAvailabilityZone: z.string().nullish() }).nullish(),
})

export const createServerBody = z.object({
  location: locationBody,
  tags: tagsBody.nullish(),
  sku: z.object({ name: z.string(), tier: z.string().nullish() }).nullish(),
  identity: identityBody.nullish(),
  properties: propertiesBody,
})
export const patchServerBody = createServerBody.partial()
export type CreateServerBody = z.infer<typeof createServerBody>
export type PatchServerBody = z.infer<typeof patchServerBody>

export const invalid = (message: string): ArmError => new ArmError(400, 'InvalidParameterValue', message)
const wrongKeys = (message: string): ArmError => new ArmError(400, 'CMKInvalidEncryptionParameters', message)

/** The request of a new server in the portal's own terms; what it leaves out gets the portal's defaults. */
export function toCreateInput({ s, g, n }: Params, body: CreateServerBody, apiVersion: string): CreateServerInput {
  const { properties: p } = body
  if (!body.sku) throw invalid('The property sku is required: for example Standard_D2ds_v5, GeneralPurpose.')
  const geoRedundant = p.backup?.geoRedundantBackup ?? false
  const type = storageType(p.storage?.type)
  const zone = (text: string | null | undefined) => (text || 'none') as '1'
  return {
    basics: {
      subscriptionId: s!,
      resourceGroup: g!,
      name: n!,
      location: body.location,
      version: oneOf(VERSIONS, p.version ?? NEWEST_VERSION, 'version'),
      workloadType: body.sku.tier === 'Burstable' ? 'Development' : 'Production',
      availabilityZone: zone(p.availabilityZone),
      compute: { sku: body.sku.name, tier: (body.sku.tier ?? findSku(body.sku.name)?.tier) as 'GeneralPurpose' },
      storage: {
        type,
        sizeGiB: p.storage?.storageSizeGB ?? 128,
        performanceTier: p.storage?.tier ? oneOf(PERFORMANCE_TIERS, p.storage.tier, 'storage.tier') : null,
        autoGrow: p.storage?.autoGrow ?? false,
        iops: type === 'PremiumV2_LRS' ? (p.storage?.iops ?? 3000) : null,
        throughput: type === 'PremiumV2_LRS' ? (p.storage?.throughput ?? 125) : null,
      },
      highAvailability: {
        mode: oneOf(
          ['Disabled', 'SameZone', 'ZoneRedundant'] as const,
          p.highAvailability?.mode ?? 'Disabled',
          'highAvailability.mode',
        ),
        standbyZone: zone(p.highAvailability?.standbyAvailabilityZone),
      },
      backup: { retentionDays: p.backup?.backupRetentionDays ?? 7, geoRedundant },
      authentication: authentication(p),
    },
    networking: networking(p.network),
    encryption: toEncryption(body, geoRedundant, apiVersion),
    tags: Object.entries(body.tags ?? {}).map(([name, value]) => ({ name, value })),
  }
}

function oneOf<T extends string>(values: readonly T[], value: string, property: string): T {
  const found = values.find((v) => v.toLowerCase() === value.toLowerCase())
  if (found) return found
  throw invalid(`Invalid value given for parameter ${property}. Specify a valid parameter value: ${values.join(', ')}.`)
}

const storageType = (type: string | null | undefined) =>
  oneOf(['Premium_LRS', 'PremiumV2_LRS'] as const, type || 'Premium_LRS', 'storage.type')

function authentication(p: CreateServerBody['properties']): CreateServerInput['basics']['authentication'] {
  if (p.authConfig?.activeDirectoryAuth)
    // SIMULATED: databases here take no Entra tokens, and this door has no administrators to name.
    throw invalid('Microsoft Entra authentication of servers is not part of this simulation. Use passwordAuth.')
  return {
    method: 'PasswordOnly',
    administratorLogin: p.administratorLogin ?? '',
    password: p.administratorLoginPassword ?? '',
    entraAdministrator: null,
  }
}

function networking(network: CreateServerBody['properties']['network']): CreateServerInput['networking'] {
  const subnet = /\/virtualNetworks\/([^/]+)\/subnets\/([^/]+)$/i.exec(network?.delegatedSubnetResourceId ?? '')
  if (network?.delegatedSubnetResourceId && !subnet)
    throw invalid('network.delegatedSubnetResourceId is not the resource id of a subnet.')
  return {
    connectivity: subnet ? 'Private' : 'Public',
    publicAccess: !subnet && (network?.publicNetworkAccess ?? true),
    allowAzureServices: false,
    firewallRules: [],
    virtualNetwork: subnet?.[1] ?? '',
    subnet: subnet?.[2] ?? '',
    privateDnsZone: network?.privateDnsZoneArmResourceId?.split('/').at(-1) ?? '',
  }
}

/** Versions of the API that knew customer-managed keys and not yet the second pair. */
const BEFORE_GEO_KEYS = (apiVersion: string) => apiVersion <= '2022-12-01' && apiVersion !== '2022-11-01-preview'

/** @throws ArmError `CMKInvalidEncryptionParameters`, `CMKNotSupportedForGeoRedundantBackupEnabledServer`. */
export function toEncryption(
  body: Pick<PatchServerBody, 'identity' | 'properties'>,
  geoRedundant: boolean,
  apiVersion: string,
): EncryptionInput {
  const d = body.properties?.dataEncryption
  if (d?.primaryFederatedIdentityClientId || d?.geoBackupFederatedIdentityClientId)
    throw invalid('Keys of another tenant are not part of this simulation.')
  const primary = keyChoice(d?.primaryKeyUri, d?.primaryUserAssignedIdentityId, 'primary')
  const geo = keyChoice(d?.geoBackupKeyUri, d?.geoBackupUserAssignedIdentityId, 'geoBackup')
  if (d?.type !== 'AzureKeyVault') {
    if (primary || geo) throw wrongKeys('With keys and identities the type of dataEncryption is AzureKeyVault.')
    return { type: 'SystemManaged', primary: null, geo: null }
  }
  if (geoRedundant && BEFORE_GEO_KEYS(apiVersion)) {
    throw new ArmError(
      400,
      'CMKNotSupportedForGeoRedundantBackupEnabledServer',
      'Customer Managed Key encryption is not supported for Geo redundant backup enabled server. Use a newer api-version.',
    )
  }
  if (geoRedundant && !geo)
    throw wrongKeys(
      'The input server encryption parameters are invalid. Geo-Backup Encryption user assigned identity and key is required to encrypt Geo-Redundant CMK enabled server.',
    )
  if (geo && !geoRedundant) throw wrongKeys('A geo-backup key is given, and geo-redundant backup is off.')
  requireListed(d, body.identity?.userAssignedIdentities)
  return { type: 'AzureKeyVault', primary, geo }
}

function keyChoice(keyUri: string | null | undefined, identityId: string | null | undefined, which: string) {
  if (!keyUri && !identityId) return null
  if (!keyUri || !identityId)
    throw wrongKeys(
      `The ${which} key and its user-assigned identity come together: give ${which}KeyURI and ${which}UserAssignedIdentityId.`,
    )
  return { keyUri, identityId, autoUpdate: !parseKeyIdentifier(keyUri)?.version } satisfies KeyChoice
}

function requireListed(d: DataEncryption, listed: Record<string, unknown> | null | undefined): void {
  if (!listed) return
  for (const id of [d.primaryUserAssignedIdentityId, d.geoBackupUserAssignedIdentityId]) {
    if (id && !Object.keys(listed).some((other) => sameId(other, id)))
      throw wrongKeys(`The identity ${id} is not among identity.userAssignedIdentities.`)
  }
}

/** What a PATCH changes of size, retention and password; null when it says nothing of them. */
export function toUpdate(server: ServerView, { sku, properties: p }: PatchServerBody): UpdateServerInput | null {
  const other = <T>(wanted: T | null | undefined, now?: T) => (wanted === null || wanted === now ? undefined : wanted)
  const changes = {
    sku: other(sku?.name, server.sku),
    storageGiB: other(p?.storage?.storageSizeGB, server.storageGiB),
    retentionDays: other(p?.backup?.backupRetentionDays, server.backupRetentionDays),
    password: other(p?.administratorLoginPassword),
  }
  return Object.values(changes).some((v) => v !== undefined) ? { serverId: server.id, ...changes } : null
}

/** What a PATCH names and this door cannot change: refused, unless it says what holds already. */
export function refuseOtherChanges(server: ServerView, { location, properties: p = {} }: PatchServerBody): void {
  const { properties: now } = server
  const wanted: [name: string, wanted: unknown, now: unknown][] = [
    ['location', location, server.location],
    ['version', p.version, server.version],
    ['storage.autoGrow', p.storage?.autoGrow, now.storage.autoGrow],
    ['backup.geoRedundantBackup', p.backup?.geoRedundantBackup, now.backup.geoRedundant],
    ['highAvailability.mode', p.highAvailability?.mode, now.highAvailability.mode],
    ['network.publicNetworkAccess', p.network?.publicNetworkAccess, now.networking.publicAccess],
    ['administratorLogin', p.administratorLogin, server.administratorLogin],
  ]
  const [other] = wanted.filter(([, to, from]) => to !== undefined && to !== null && to !== from)
  // SIMULATED: Azure changes high availability, networking and autogrow by this operation.
  if (other) throw invalid(`Invalid value given for parameter ${other[0]}: it cannot be changed through this API.`)
}
