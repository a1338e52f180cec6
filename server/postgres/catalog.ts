/** What flexible server offers: versions, compute sizes, storage sizes. Source: Azure documentation, API 2025-08-01. */
export const VERSIONS = ['18', '17', '16', '15', '14', '13', '12', '11'] as const
export const NEWEST_VERSION = VERSIONS[0]

export type ComputeTier = 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized'
export type Sku = {
  name: string
  tier: ComputeTier
  vCores: number
  memoryGiB: number
  maxIops: number
  processor: 'Intel' | 'AMD' | null
}

const burstable = (size: string, vCores: number, memoryGiB: number, maxIops: number): Sku => ({
  name: `Standard_${size}`,
  tier: 'Burstable',
  vCores,
  memoryGiB,
  maxIops,
  processor: null,
})

const IOPS_BY_CORES: Record<number, number> = {
  2: 3750,
  4: 6400,
  8: 12_800,
  16: 25_600,
  20: 32_000,
  32: 51_200,
  48: 76_800,
  64: 80_000,
  96: 80_000,
}

const family = (letter: 'D' | 'E', suffix: string, cores: number[], processor: 'Intel' | 'AMD'): Sku[] =>
  cores.map((vCores) => ({
    name: `Standard_${letter}${vCores}${suffix}`,
    tier: letter === 'D' ? 'GeneralPurpose' : 'MemoryOptimized',
    vCores,
    memoryGiB: letter === 'D' ? vCores * 4 : vCores === 96 ? 672 : vCores * 8,
    maxIops: IOPS_BY_CORES[vCores]!,
    processor,
  }))

/** What differs in versions 3 and 4: the smallest has fewer IOPS, and the largest less memory for each vCore. */
const formerFamily = (letter: 'D' | 'E', suffix: string, cores: number[]): Sku[] =>
  family(letter, suffix, cores, 'Intel').map((sku) => ({
    ...sku,
    maxIops: sku.vCores === 2 ? 3200 : sku.maxIops,
    memoryGiB: letter === 'E' && sku.vCores === 64 ? 432 : sku.memoryGiB,
  }))

/** The sizes that the wizard offers. */
export const SKUS: readonly Sku[] = [
  burstable('B1ms', 1, 2, 640),
  burstable('B2s', 2, 4, 1280),
  burstable('B2ms', 2, 8, 1920),
  burstable('B4ms', 4, 16, 2880),
  burstable('B8ms', 8, 32, 4320),
  burstable('B12ms', 12, 48, 4320),
  burstable('B16ms', 16, 64, 4320),
  burstable('B20ms', 20, 80, 4320),
  ...family('D', 'ds_v5', [2, 4, 8, 16, 32, 48, 64, 96], 'Intel'),
  ...family('D', 'ads_v5', [2, 4, 8, 16, 32, 48, 64, 96], 'AMD'),
  ...family('E', 'ds_v5', [2, 4, 8, 16, 20, 32, 48, 64, 96], 'Intel'),
  ...family('E', 'ads_v5', [2, 4, 8, 16, 20, 32, 48, 64, 96], 'AMD'),
]

/** Sizes of former generations, which scripts and older command lines still ask for. */
export const FORMER_SKUS: readonly Sku[] = [
  ...formerFamily('D', 's_v3', [2, 4, 8, 16, 32, 48, 64]),
  ...formerFamily('D', 'ds_v4', [2, 4, 8, 16, 32, 48, 64]),
  ...formerFamily('E', 's_v3', [2, 4, 8, 16, 32, 48, 64]),
  ...formerFamily('E', 'ds_v4', [2, 4, 8, 16, 20, 32, 48, 64]),
]

export const findSku = (name: string): Sku | null =>
  SKUS.find((sku) => sku.name === name) ?? FORMER_SKUS.find((sku) => sku.name === name) ?? null

export const PERFORMANCE_TIERS = ['P4', 'P6', 'P10', 'P15', 'P20', 'P30', 'P40', 'P50', 'P60', 'P70', 'P80'] as const
export type PerformanceTier = (typeof PERFORMANCE_TIERS)[number]

export type StorageSize = { sizeGiB: number; iops: number; tiers: readonly PerformanceTier[] }

const upTo = (from: PerformanceTier, to: PerformanceTier): PerformanceTier[] =>
  PERFORMANCE_TIERS.slice(PERFORMANCE_TIERS.indexOf(from), PERFORMANCE_TIERS.indexOf(to) + 1)

/** Premium SSD; the first tier of each size is its default. */
export const STORAGE_SIZES: readonly StorageSize[] = [
  { sizeGiB: 32, iops: 120, tiers: upTo('P4', 'P50') },
  { sizeGiB: 64, iops: 240, tiers: upTo('P6', 'P50') },
  { sizeGiB: 128, iops: 500, tiers: upTo('P10', 'P50') },
  { sizeGiB: 256, iops: 1100, tiers: upTo('P15', 'P50') },
  { sizeGiB: 512, iops: 2300, tiers: upTo('P20', 'P50') },
  { sizeGiB: 1024, iops: 5000, tiers: upTo('P30', 'P50') },
  { sizeGiB: 2048, iops: 7500, tiers: upTo('P40', 'P50') },
  { sizeGiB: 4096, iops: 7500, tiers: ['P50'] },
  { sizeGiB: 8192, iops: 16_000, tiers: upTo('P60', 'P80') },
  { sizeGiB: 16_384, iops: 18_000, tiers: upTo('P70', 'P80') },
  { sizeGiB: 32_767, iops: 20_000, tiers: ['P80'] },
]

export const findStorageSize = (sizeGiB: number): StorageSize | null =>
  STORAGE_SIZES.find((s) => s.sizeGiB === sizeGiB) ?? null
