import { type ComputeTier, findSku, findStorageSize, type PerformanceTier, type Sku, STORAGE_SIZES } from './catalog'
import type { CreateServerInput } from './contract'

/**
 * What a server costs a month, roughly.
 * SIMULATED: round figures of our own in the order of public list prices for a United States region, not Microsoft's
 * price list. An estimate; not a quote.
 */
export const HOURS_PER_MONTH = 730
export const CURRENCY = 'USD'

/** US dollars an hour. */
const BURSTABLE_HOURLY: Record<string, number> = {
  Standard_B1ms: 0.017,
  Standard_B2s: 0.068,
  Standard_B2ms: 0.136,
  Standard_B4ms: 0.272,
  Standard_B8ms: 0.544,
  Standard_B12ms: 0.816,
  Standard_B16ms: 1.088,
  Standard_B20ms: 1.36,
}

/** US dollars an hour for each vCore. */
const VCORE_HOURLY: Record<Exclude<ComputeTier, 'Burstable'>, Record<'Intel' | 'AMD', number>> = {
  GeneralPurpose: { Intel: 0.089, AMD: 0.08 },
  MemoryOptimized: { Intel: 0.12, AMD: 0.108 },
}

/** US dollars a month for each unit. */
const MONTHLY = {
  premiumGiB: 0.115,
  premiumV2GiB: 0.101,
  premiumV2Iops: 0.0058,
  premiumV2MBps: 0.047,
  geoBackupGiB: 0.19,
}

/** What Premium SSD v2 includes without charge. */
const FREE_V2 = { iops: 3000, throughput: 125 }

/** Regions differ; a factor by the first word that fits keeps the differences visible without a table of all sizes. */
const REGION_FACTORS: [pattern: RegExp, factor: number][] = [
  [/^brazil/, 1.6],
  [/^(southafrica|switzerland|uae|qatar)/, 1.3],
  [/^(australia|japan|korea|eastasia|southeastasia|newzealand|indonesia|malaysia)/, 1.2],
  [/^(france|germany|italy|norway|poland|spain|sweden|uk|westeurope|austria|belgium|israel)/, 1.12],
  [/^(northeurope|canada|mexico|chile)/, 1.08],
  [/^(westus$|centralus|southcentralus|northcentralus|westcentralus)/, 1.1],
]

/** By how much a region is dearer than East US. */
export const regionFactor = (location: string): number =>
  REGION_FACTORS.find(([pattern]) => pattern.test(location.toLowerCase()))?.[1] ?? 1

const skuHourly = (sku: Sku): number =>
  sku.tier === 'Burstable'
    ? (BURSTABLE_HOURLY[sku.name] ?? 0)
    : VCORE_HOURLY[sku.tier][sku.processor ?? 'Intel'] * sku.vCores

/** Monthly price of one compute node, US dollars; 0 for an unknown size. */
export function computeMonthly(skuName: string, location: string): number {
  const sku = findSku(skuName)
  return sku ? skuHourly(sku) * HOURS_PER_MONTH * regionFactor(location) : 0
}

type Basics = CreateServerInput['basics']
type Storage = Basics['storage']

/** A performance tier above the size's own is charged as the size that has it by default. */
function billedPremiumGiB(sizeGiB: number, tier: PerformanceTier | null): number {
  if (!tier) return sizeGiB
  return STORAGE_SIZES.find((size) => size.tiers[0] === tier)?.sizeGiB ?? sizeGiB
}

/** Monthly price of one copy of the storage, US dollars. */
export function storageMonthly(storage: Storage, location: string): number {
  const factor = regionFactor(location)
  if (storage.type === 'Premium_LRS') {
    const billed = Math.max(storage.sizeGiB, billedPremiumGiB(storage.sizeGiB, storage.performanceTier))
    return billed * MONTHLY.premiumGiB * factor
  }
  const iops = Math.max(0, (storage.iops ?? 0) - FREE_V2.iops)
  const throughput = Math.max(0, (storage.throughput ?? 0) - FREE_V2.throughput)
  return (
    (storage.sizeGiB * MONTHLY.premiumV2GiB + iops * MONTHLY.premiumV2Iops + throughput * MONTHLY.premiumV2MBps) *
    factor
  )
}

export type CostLine = { label: string; detail: string; amount: number }
export type CostEstimate = { lines: CostLine[]; total: number; notes: string[] }

const NOTES = {
  estimate: 'An estimate; not a quote. The figures are made up for this simulation and nothing is billed.',
  backup: 'Backup storage up to the size of the server’s storage is included.',
  cmk: 'A customer-managed key adds nothing here: the key store charges for its own operations.',
}

function storageDetail(storage: Storage): string {
  if (storage.type === 'PremiumV2_LRS') {
    return `${storage.sizeGiB} GiB, ${storage.iops ?? 0} IOPS, ${storage.throughput ?? 0} MB/s`
  }
  const tier = storage.performanceTier ?? findStorageSize(storage.sizeGiB)?.tiers[0]
  return `${storage.sizeGiB} GiB${tier ? `, ${tier}` : ''}`
}

/**
 * Estimates a month of a server: compute and storage, both twice with a standby, and the geo-redundant copy of the
 * backups (taken to be as large as the storage). US dollars; sizes that do not exist count as 0.
 */
export function estimateMonthlyCost(
  basics: Pick<Basics, 'location' | 'compute' | 'storage' | 'highAvailability' | 'backup'>,
): CostEstimate {
  const { location, compute, storage, backup } = basics
  const copies = basics.highAvailability.mode === 'Disabled' ? 1 : 2
  const times = copies === 2 ? ' ×2 (with standby)' : ''
  const lines: CostLine[] = [
    {
      label: 'Compute',
      detail: `${compute.sku.replace('Standard_', '')}${times}`,
      amount: computeMonthly(compute.sku, location) * copies,
    },
    {
      label: 'Storage',
      detail: `${storageDetail(storage)}${times}`,
      amount: storageMonthly(storage, location) * copies,
    },
    { label: 'Backup', detail: `${backup.retentionDays} days, in this region`, amount: 0 },
  ]
  if (backup.geoRedundant) {
    const amount = storage.sizeGiB * MONTHLY.geoBackupGiB * regionFactor(location)
    lines.push({ label: 'Geo-redundant backup', detail: `about ${storage.sizeGiB} GiB in the paired region`, amount })
  }
  const total = lines.reduce((sum, line) => sum + line.amount, 0)
  return { lines, total, notes: [NOTES.estimate, NOTES.backup, NOTES.cmk] }
}

/** US dollars with two decimals, e.g. `$1,234.50`. */
export const formatMoney = (amount: number): string =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency: CURRENCY }).format(amount)
