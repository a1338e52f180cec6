import { expect, test } from 'vitest'
import { placeFaults } from '@/components/identity/place-draft'
import { describeScope } from '@/components/identity/scope-text'

const GROUP = '/subscriptions/s/resourceGroups/g'
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv-1`

test('a scope is named by what it is, and leads to the page of its resource or of who has access to it', () => {
  expect(describeScope(VAULT)).toEqual({ kind: 'Key vault', name: 'kv-1', href: '/vaults/kv-1' })
  expect(describeScope(`${VAULT}/keys/cmk`)).toEqual({
    kind: 'Key',
    name: 'kv-1 / cmk',
    href: '/vaults/kv-1/keys/cmk',
  })
  expect(describeScope(GROUP)).toMatchObject({ kind: 'Resource group', name: 'g' })
  expect(describeScope('/subscriptions/s')).toMatchObject({ kind: 'Subscription', name: 's' })
  expect(describeScope('/')).toMatchObject({ kind: 'Tenant', href: '/access?scope=%2F' })
})

test('a new resource needs a subscription, a group and a region', () => {
  expect(Object.keys(placeFaults({ subscriptionId: '', resourceGroup: '', location: '' }))).toEqual([
    'subscriptionId',
    'resourceGroup',
    'location',
  ])
  expect(placeFaults({ subscriptionId: 's', resourceGroup: 'g', location: 'l' })).toEqual({})
})
