import { describe, expect, it } from 'vitest'
import { defaultLevel, describeResource } from '@/server/activity/rules'

const VAULT = '/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v'

describe('an entry of the activity log', () => {
  it('knows type, name, group and subscription of its resource', () => {
    expect(describeResource(VAULT)).toEqual({
      resourceType: 'Microsoft.KeyVault/vaults',
      resourceName: 'v',
      resourceGroup: 'g',
      subscriptionId: 's',
    })
  })

  it('knows a part of a resource, and a role assignment on it, by their own types', () => {
    expect(describeResource(`${VAULT}/keys/k`).resourceType).toBe('Microsoft.KeyVault/vaults/keys')
    const assignment = describeResource(`${VAULT}/providers/Microsoft.Authorization/roleAssignments/r`)
    expect(assignment).toMatchObject({ resourceType: 'Microsoft.Authorization/roleAssignments', resourceGroup: 'g' })
  })

  it('knows groups, subscriptions and the tenant', () => {
    expect(describeResource('/subscriptions/s/resourcegroups/g')).toMatchObject({
      resourceType: 'Microsoft.Resources/subscriptions/resourceGroups',
      resourceGroup: 'g',
    })
    expect(describeResource('/subscriptions/s').resourceType).toBe('Microsoft.Resources/subscriptions')
    expect(describeResource('/')).toEqual({
      resourceType: 'Microsoft.Resources/tenants',
      resourceName: '',
      resourceGroup: null,
      subscriptionId: null,
    })
  })

  it('is an error when it failed, and information otherwise', () => {
    expect(defaultLevel('Failed')).toBe('Error')
    expect(defaultLevel('Succeeded')).toBe('Informational')
  })
})
