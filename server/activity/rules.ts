import type { ActivityLevel, ActivityStatus } from './model'

export type ResourceFacts = {
  resourceType: string
  resourceName: string
  resourceGroup: string | null
  subscriptionId: string | null
}

/**
 * Reads from a resource id of any depth what the log is filtered by. The type is that of the last provider in the id,
 * so that a role assignment on a vault is one of `Microsoft.Authorization/roleAssignments`.
 */
export function describeResource(resourceId: string): ResourceFacts {
  const segments = resourceId.split('/').filter(Boolean)
  const after = (name: string) => {
    const at = segments.findIndex((s) => s.toLowerCase() === name)
    return at >= 0 ? (segments[at + 1] ?? null) : null
  }
  const resourceGroup = after('resourcegroups')
  const subscriptionId = after('subscriptions')
  const resourceName = segments.at(-1) ?? ''
  const provider = segments.findLastIndex((s) => s.toLowerCase() === 'providers')
  if (provider >= 0) {
    const [namespace = '', ...rest] = segments.slice(provider + 1)
    const types = rest.filter((_, i) => i % 2 === 0)
    return { resourceType: [namespace, ...types].join('/'), resourceName, resourceGroup, subscriptionId }
  }
  const resourceType = resourceGroup
    ? 'Microsoft.Resources/subscriptions/resourceGroups'
    : subscriptionId
      ? 'Microsoft.Resources/subscriptions'
      : 'Microsoft.Resources/tenants'
  return { resourceType, resourceName, resourceGroup, subscriptionId }
}

/** The level an event has when nobody names one. */
export const defaultLevel = (status: ActivityStatus): ActivityLevel => (status === 'Failed' ? 'Error' : 'Informational')
