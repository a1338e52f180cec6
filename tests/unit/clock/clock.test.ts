import fc from 'fast-check'
import { expect, test } from 'vitest'
import { advanceInput, MAX_ADVANCE_SECONDS, rateInput } from '@/server/clock/contract'
import { type ClockState, virtualNow } from '@/server/clock/model'

const clock = (state: Partial<ClockState> = {}): ClockState => ({
  virtualMs: 1_000_000,
  realAnchorMs: 5_000,
  rate: 1,
  advancingToMs: null,
  epoch: 0,
  ...state,
})

test('a running clock moves by its rate', () => {
  expect(virtualNow(clock({ rate: 60 }), 6_000)).toBe(1_060_000)
})

test('a paused clock and one that is being advanced stand still', () => {
  expect(virtualNow(clock({ rate: 0 }), 99_000)).toBe(1_000_000)
  expect(virtualNow(clock({ advancingToMs: 2_000_000 }), 99_000)).toBe(1_000_000)
})

test('the clock never runs backwards, even when the machine’s does', () => {
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e9), fc.double({ min: 0, max: 86_400, noNaN: true }), (a, b, rate) => {
      const [early, late] = a < b ? [a, b] : [b, a]
      expect(virtualNow(clock({ rate }), late)).toBeGreaterThanOrEqual(virtualNow(clock({ rate }), early))
    }),
  )
  expect(virtualNow(clock(), 0)).toBe(1_000_000)
})

test.each([
  [1, true],
  [MAX_ADVANCE_SECONDS, true],
  [0, false],
  [-5, false],
  [1.5, false],
  [MAX_ADVANCE_SECONDS + 1, false],
  ['60', false],
])('an advance by %s seconds is accepted: %s', (seconds, ok) => {
  expect(advanceInput.safeParse({ seconds }).success).toBe(ok)
})

test.each([
  [0, true],
  [86_400, true],
  [-1, false],
  [86_401, false],
  [Number.NaN, false],
])('a rate of %s is accepted: %s', (rate, ok) => {
  expect(rateInput.safeParse({ rate }).success).toBe(ok)
})
