import { expect, test } from 'vitest'
import { STALE_AFTER } from '@/components/portal/use-live-updates'

/** Every query of the portal has a key that starts with one of these. */
const KEYS = [
  'session',
  'clock',
  'notifications',
  'servers',
  'keys',
  'identity',
  'activity',
  'operations',
  'resources',
  'fleet',
  'alerts',
  'metrics',
  'advisor',
]

test('every kind of query is refreshed by at least one kind of change, and no change names an unknown one', () => {
  expect([...new Set(Object.values(STALE_AFTER).flat())].sort()).toEqual([...KEYS].sort())
})

test('when rights change, everything that shows only what a person may see is asked again', () => {
  expect(STALE_AFTER.identity).toEqual(
    expect.arrayContaining([
      'session',
      'clock',
      'notifications',
      'servers',
      'keys',
      'identity',
      'activity',
      'resources',
      'fleet',
      'alerts',
      'metrics',
      'advisor',
    ]),
  )
})
