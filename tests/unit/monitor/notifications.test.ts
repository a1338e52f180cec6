import { expect, test } from 'vitest'
import type { ActivityView } from '@/server/activity/contract'
import { notificationsFrom } from '@/server/monitor/rules'

const event = (seq: number, patch: Partial<ActivityView>): ActivityView => ({
  id: `event-${seq}`,
  seq,
  at: '2026-11-24T08:00:00.000Z',
  correlationId: 'c',
  operationId: null,
  caller: 'nadia@contoso.example',
  category: 'Administrative',
  level: 'Informational',
  status: 'Succeeded',
  operationName: 'Microsoft.KeyVault/vaults/write',
  resourceId: '/subscriptions/s',
  resourceName: 'kv-1',
  resourceType: 'Microsoft.KeyVault/vaults',
  resourceGroup: null,
  subscriptionId: null,
  description: 'Create vault kv-1',
  properties: {},
  ...patch,
})

test('an operation has one line in the bell, and that shows its latest word', () => {
  const items = notificationsFrom(
    [
      event(3, { operationId: 'op', status: 'Failed' }),
      event(2, { operationId: 'op', status: 'Accepted' }),
      event(1, { operationId: 'op', status: 'Started' }),
    ],
    0,
  )
  expect(items.map((i) => [i.id, i.kind])).toEqual([['event-3', 'error']])
})

test('events without an operation stand for themselves', () => {
  expect(notificationsFrom([event(2, {}), event(1, {})], 0)).toHaveLength(2)
})

test('what was looked at is not new; what came after is', () => {
  expect(notificationsFrom([event(3, {}), event(2, {}), event(1, {})], 2).map((i) => i.unread)).toEqual([
    true,
    false,
    false,
  ])
})

test('a raised health event needs attention, a resolved one is good news, an unknown status is plain information', () => {
  const kinds = notificationsFrom(
    [event(3, { status: 'Active' }), event(2, { status: 'Resolved' }), event(1, { status: 'x' })],
    0,
  )
  expect(kinds.map((i) => i.kind)).toEqual(['warning', 'success', 'info'])
})
