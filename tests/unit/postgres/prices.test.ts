import { describe, expect, it } from 'vitest'
import { REGIONS } from '@/server/kernel/regions'
import { PERFORMANCE_TIERS, SKUS, STORAGE_SIZES } from '@/server/postgres/catalog'
import {
  computeMonthly,
  estimateMonthlyCost,
  formatMoney,
  regionFactor,
  storageMonthly,
} from '@/server/postgres/prices'

type Basics = Parameters<typeof estimateMonthlyCost>[0]

const production: Basics = {
  location: 'eastus',
  compute: { tier: 'GeneralPurpose', sku: 'Standard_D2ds_v5' },
  storage: { type: 'Premium_LRS', sizeGiB: 128, performanceTier: null, autoGrow: false, iops: null, throughput: null },
  highAvailability: { mode: 'Disabled', standbyZone: 'none' },
  backup: { retentionDays: 7, geoRedundant: false },
}
const amount = (basics: Basics, label: string) =>
  estimateMonthlyCost(basics).lines.find((l) => l.label === label)?.amount

describe('prices', () => {
  it('exist for every compute size that is offered', () => {
    for (const sku of SKUS) expect(computeMonthly(sku.name, 'eastus'), sku.name).toBeGreaterThan(0)
  })

  it('grow with the vCores of a family', () => {
    for (const processor of ['Intel', 'AMD'] as const) {
      const prices = SKUS.filter((s) => s.tier === 'GeneralPurpose' && s.processor === processor).map((s) =>
        computeMonthly(s.name, 'eastus'),
      )
      expect(prices).toEqual(prices.toSorted((a, b) => a - b))
      expect(new Set(prices).size).toBe(prices.length)
    }
  })

  it('keep the order of magnitude of the smallest size: about 12 dollars', () => {
    expect(computeMonthly('Standard_B1ms', 'eastus')).toBeCloseTo(12.41, 2)
  })

  it('are nothing for a size that does not exist', () => {
    expect(computeMonthly('Standard_Imaginary', 'eastus')).toBe(0)
  })

  it('are never below East US and never absurd', () => {
    for (const region of REGIONS) {
      expect(regionFactor(region.name), region.name).toBeGreaterThanOrEqual(1)
      expect(regionFactor(region.name), region.name).toBeLessThan(2)
    }
  })

  it('charge a raised performance tier as the size that has it by default', () => {
    const raised = { ...production.storage, performanceTier: 'P30' as const }
    expect(storageMonthly(raised, 'eastus')).toBe(storageMonthly({ ...production.storage, sizeGiB: 1024 }, 'eastus'))
  })

  it('know every performance tier as the default of some size', () => {
    expect(PERFORMANCE_TIERS.every((tier) => STORAGE_SIZES.some((size) => size.tiers[0] === tier))).toBe(true)
  })

  it('include 3000 IOPS and 125 MB/s with Premium SSD v2, and charge what is above', () => {
    const v2 = { ...production.storage, type: 'PremiumV2_LRS' as const, iops: 3000, throughput: 125 }
    const base = storageMonthly(v2, 'eastus')
    expect(storageMonthly({ ...v2, iops: 3001 }, 'eastus')).toBeGreaterThan(base)
    expect(storageMonthly({ ...v2, throughput: 126 }, 'eastus')).toBeGreaterThan(base)
    expect(storageMonthly({ ...v2, iops: 0, throughput: 0 }, 'eastus')).toBe(base)
  })
})

describe('the estimate', () => {
  it('doubles compute and storage with a standby, in the same zone or another', () => {
    for (const mode of ['SameZone', 'ZoneRedundant'] as const) {
      const withStandby = { ...production, highAvailability: { mode, standbyZone: 'none' as const } }
      expect(amount(withStandby, 'Compute')).toBe(2 * amount(production, 'Compute')!)
      expect(amount(withStandby, 'Storage')).toBe(2 * amount(production, 'Storage')!)
    }
  })

  it('adds a line for geo-redundant backup only when it is on', () => {
    expect(amount(production, 'Geo-redundant backup')).toBeUndefined()
    const geo = { ...production, backup: { retentionDays: 7, geoRedundant: true } }
    expect(amount(geo, 'Geo-redundant backup')).toBeGreaterThan(0)
  })

  it('totals its lines', () => {
    const { lines, total } = estimateMonthlyCost({ ...production, backup: { retentionDays: 35, geoRedundant: true } })
    expect(total).toBeCloseTo(
      lines.reduce((sum, l) => sum + l.amount, 0),
      10,
    )
  })

  it('says that it is not a quote', () => {
    expect(estimateMonthlyCost(production).notes.join(' ')).toContain('not a quote')
  })

  it('shows money with two decimals', () => {
    expect(formatMoney(1234.5)).toBe('$1,234.50')
  })
})
