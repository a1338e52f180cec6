import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aggregate } from '@/server/metrics/contract'
import type { Bucket } from '@/server/metrics/model'
import { aliveSeries, chooseInterval, narrow, regroup, samplingMinutes } from '@/server/metrics/rules'

const DAY_MS = 86_400_000
const value = fc.integer({ min: -1000, max: 1000 })
const point = fc
  .record({ atMs: fc.integer({ min: 0, max: DAY_MS }), v: value })
  .map(({ atMs, v }): Bucket => ({ atMs, count: 1, total: v, minimum: v, maximum: v }))
const points = fc.array(point, { minLength: 1, maxLength: 60 })
const sum = (all: Bucket[], of: (b: Bucket) => number) => all.reduce((n, b) => n + of(b), 0)

describe('samples merged into spans', () => {
  it('keep count, total, minimum and maximum, whatever the interval', () => {
    fc.assert(
      fc.property(points, fc.constantFrom(60, 300, 3600, 21_600), (all, interval) => {
        const merged = regroup(all, interval)
        expect(sum(merged, (b) => b.count)).toBe(all.length)
        expect(sum(merged, (b) => b.total)).toBe(sum(all, (b) => b.total))
        expect(Math.min(...merged.map((b) => b.minimum))).toBe(Math.min(...all.map((b) => b.minimum)))
        expect(Math.max(...merged.map((b) => b.maximum))).toBe(Math.max(...all.map((b) => b.maximum)))
        for (const b of merged) {
          const average = aggregate(b, 'Average')!
          expect(average).toBeGreaterThanOrEqual(b.minimum)
          expect(average).toBeLessThanOrEqual(b.maximum)
          expect(average * aggregate(b, 'Count')!).toBeCloseTo(aggregate(b, 'Total')!)
          expect(b.atMs % (interval * 1000)).toBe(0)
        }
      }),
    )
  })

  it('are the same in one step as in two', () => {
    fc.assert(
      fc.property(points, (all) => {
        expect(regroup(regroup(all, 300), 3600)).toEqual(regroup(all, 3600))
      }),
    )
  })

  it('lose no count when dimensions are merged, and split into parts that make up the whole', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(point, fc.constantFrom('a', 'b', 'c')), { minLength: 1 }), (seen) => {
        const series = seen.map(([p, name]) => ({ resourceKey: 'r', dimensions: { Name: name }, points: [p] }))
        const whole = narrow(series, [], 3600)
        const parts = narrow(series, [{ name: 'name', operator: 'Include', values: ['*'] }], 3600)
        expect(whole).toHaveLength(1)
        expect(parts).toHaveLength(new Set(seen.map(([, name]) => name)).size)
        const count = (all: typeof whole) =>
          sum(
            all.flatMap((s) => s.points),
            (b) => b.count,
          )
        expect(count(parts)).toBe(count(whole))
        const without = narrow(series, [{ name: 'Name', operator: 'Exclude', values: ['A'] }], 3600)
        expect(count(without)).toBe(seen.filter(([, name]) => name !== 'a').length)
      }),
    )
  })
})

describe('is_db_alive', () => {
  const minutes = (n: number) => n * 60_000
  const steps = [
    { atMs: minutes(0), state: 'Provisioning' as const },
    { atMs: minutes(10), state: 'Ready' as const },
    { atMs: minutes(90), state: 'Inaccessible' as const },
  ]

  it('is 1 while the server takes connections, 0 while it does not, and in between where both occurred', () => {
    const series = aliveSeries(steps, minutes(0), minutes(180), 3600)
    expect(series.map((b) => aggregate(b, 'Maximum'))).toEqual([1, 1, 0])
    expect(series.map((b) => aggregate(b, 'Minimum'))).toEqual([0, 0, 0])
    expect(series.map((b) => aggregate(b, 'Average'))).toEqual([50 / 60, 0.5, 0])
  })

  it('has no value before the server was there', () => {
    expect(aliveSeries(steps, minutes(-120), minutes(0), 3600)).toEqual([])
  })

  it('has the same average at any grain', () => {
    fc.assert(
      fc.property(fc.constantFrom(60, 300, 900, 1800, 3600), (grain) => {
        const series = aliveSeries(steps, 0, minutes(180), grain)
        expect(sum(series, (b) => b.total) / sum(series, (b) => b.count)).toBeCloseTo(80 / 180, 5)
      }),
    )
  })
})

describe('the interval', () => {
  it('is never finer than asked, and never gives more than 1,440 points', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 93 * 86_400 }), fc.constantFrom(60, 3600), (seconds, asked) => {
        const interval = chooseInterval(0, seconds * 1000, asked)
        expect(interval).toBeGreaterThanOrEqual(asked)
        expect(seconds / interval).toBeLessThanOrEqual(1440)
      }),
    )
  })

  it('of sampling is short while people watch and long while time flies', () => {
    expect(samplingMinutes({ advancing: false, rate: 1 })).toBe(5)
    expect(samplingMinutes({ advancing: true, rate: 1 })).toBe(30)
    expect(samplingMinutes({ advancing: false, rate: 3600 })).toBe(30)
  })
})
