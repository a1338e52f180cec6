import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countdownText, instantText, relativeText, spanText } from '@/components/portal/time-text'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

test('an instant is written in UTC whatever the time zone of the machine', () => {
  expect(instantText('2026-11-24T02:04:05Z')).toBe('24 Nov 2026, 02:04')
  expect(instantText('2026-11-24T23:30:05-03:00', true)).toBe('25 Nov 2026, 02:30:05')
})

test('a span shows the units that matter', () => {
  expect(
    [0, 59 * SECOND, MINUTE, 59 * MINUTE, HOUR, HOUR + 20 * MINUTE, DAY, 59 * DAY, 90 * DAY].map(spanText),
  ).toEqual(['0 s', '59 s', '1 min', '59 min', '1 h', '1 h 20 min', '1 day', '59 days', '3 months'])
})

test('what is less than a minute away is not counted in seconds', () => {
  expect(relativeText(0, 59 * SECOND)).toBe('just now')
  expect(relativeText(59 * SECOND, 0)).toBe('in a moment')
  expect(relativeText(5 * SECOND, 0)).toBe('just now')
  expect(relativeText(0, 5 * MINUTE)).toBe('5 min ago')
  expect(relativeText(3 * HOUR + 10 * MINUTE, 0)).toBe('in 3 h')
})

test('a countdown is never negative, and never says zero while time is left', () => {
  fc.assert(
    fc.property(fc.integer({ min: -DAY, max: 3 * DAY }), (ms) => {
      const left = countdownText(ms)
      if (ms <= 0) expect(left).toBe('0 s')
      else expect(left).toMatch(/^[1-9]\d* (s|min|h|days?)( [1-9]\d* (s|min))?$/)
    }),
  )
  expect(countdownText(61 * SECOND)).toBe('1 min 1 s')
  expect(countdownText(HOUR)).toBe('1 h')
})
