import { requireSubscription } from '@/server/identity/service'
import { AppError } from '@/server/kernel/errors'
import { findRegion, type Region } from '@/server/kernel/regions'
import { RESOURCE_TYPES } from '@/server/kernel/resource-id'
import {
  FORMER_SKUS,
  PERFORMANCE_TIERS,
  SKUS,
  STORAGE_SIZES,
  type StorageSize,
  VERSIONS,
} from '@/server/postgres/catalog'
import { getInstallation } from '@/server/postgres/service'
import { type ArmCall, type ArmReply, list, route } from '../route'
import { requireServerOf } from './servers'

const EDITIONS = [
  { name: 'Burstable', defaultSkuName: 'Standard_B1ms' },
  { name: 'GeneralPurpose', defaultSkuName: 'Standard_D2ds_v5' },
  { name: 'MemoryOptimized', defaultSkuName: 'Standard_E2ds_v5' },
] as const

const onOff = (on: boolean) => (on ? 'Enabled' : 'Disabled')
const haModes = (region: Region) => ['SameZone', ...(region.zoneRedundantHa ? ['ZoneRedundant'] : [])]
const tierIops = (name: string) => ({ name, iops: STORAGE_SIZES.find((size) => size.tiers[0] === name)?.iops ?? 0 })

/** What can be had in a region; each thing under its name of today and, for older clients, under its former one. */
function capabilities(region: Region, runnable: string[]) {
  const supportedHaMode = haModes(region)
  const geo = region.geoBackup && region.pair !== null
  const supportedServerVersions = runnable.map((name) => ({ name, supportedVersionsToUpgrade: [] }))
  const supportedServerEditions = EDITIONS.map((edition) => editionShape(edition, region, runnable))
  return {
    name: 'FlexibleServerCapabilities',
    supportedServerEditions,
    supportedFlexibleServerEditions: supportedServerEditions,
    supportedServerVersions,
    supportedFeatures: [
      { name: 'ZoneRedundantHa', status: onOff(region.zoneRedundantHa) },
      { name: 'GeoBackup', status: onOff(geo) },
      { name: 'StorageAutoGrowth', status: 'Enabled' },
      { name: 'Clusters', status: 'Disabled' },
    ],
    geoBackupSupported: onOff(geo),
    zoneRedundantHaSupported: onOff(region.zoneRedundantHa),
    zoneRedundantHaAndGeoBackupSupported: onOff(geo && region.zoneRedundantHa),
    storageAutoGrowthSupported: 'Enabled',
    onlineResizeSupported: 'Disabled',
    fastProvisioningSupported: 'Disabled',
    supportedFastProvisioningEditions: [],
    restricted: onOff(region.restricted),
    zone: 'none',
    supportedHAMode: supportedHaMode,
  }
}

function editionShape({ name, defaultSkuName }: (typeof EDITIONS)[number], region: Region, versions: string[]) {
  const zones = region.zones ? ['1', '2', '3'] : []
  const supportedHaMode = name === 'Burstable' ? [] : haModes(region)
  const skus = [...SKUS, ...FORMER_SKUS]
    .filter((sku) => sku.tier === name)
    .map((sku) => ({
      name: sku.name,
      vCores: sku.vCores,
      supportedIops: sku.maxIops,
      supportedMemoryPerVcoreMb: Math.round((sku.memoryGiB * 1024) / sku.vCores),
      supportedZones: zones,
      supportedHaMode,
      supportedFeatures: [],
    }))
  return {
    name,
    defaultSkuName,
    supportedServerSkus: skus,
    supportedStorageEditions: [
      { name: 'ManagedDisk', defaultStorageSizeMb: 131_072, supportedStorageMb: STORAGE_SIZES.map(sizeShape) },
    ],
    supportedServerVersions: versions.map((version) => ({ name: version, supportedVcores: skus })),
  }
}

const sizeShape = ({ sizeGiB, iops, tiers }: StorageSize) => ({
  storageSizeMb: sizeGiB * 1024,
  storageSizeMB: sizeGiB * 1024,
  supportedIops: iops,
  defaultIopsTier: tiers[0],
  supportedIopsTiers: PERFORMANCE_TIERS.filter((tier) => tiers.includes(tier)).map(tierIops),
})

async function answer({ ctx }: ArmCall, location: string): Promise<ArmReply> {
  const region = findRegion(location)
  if (!region)
    throw new AppError('InvalidParameterValue', { publicMessage: `The location '${location}' is not available.` })
  const { versions } = await getInstallation(ctx)
  const runnable = VERSIONS.filter((name) => versions.some((v) => v.version === name && v.runnable))
  return list([capabilities(region, runnable)])
}

export const serverCapabilityRoutes = [
  route('GET', '/subscriptions/{s}/providers/Microsoft.DBforPostgreSQL/locations/{l}/capabilities', async (call) => {
    await requireSubscription(call.ctx, call.params.s!)
    return answer(call, call.params.l!)
  }),
  route(
    'GET',
    `/subscriptions/{s}/resourceGroups/{g}/providers/${RESOURCE_TYPES.server}/{n}/capabilities`,
    async (call) => answer(call, (await requireServerOf(call)).location),
  ),
]
