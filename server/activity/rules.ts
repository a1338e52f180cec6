import type { ActivityLevel, ActivityStatus, AuditFacts } from './model'

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

/** Writes a record in Azure's schema (Key Vault logging): the resource id in capitals, the duration as text. */
export function toAuditRecord(facts: AuditFacts) {
  return {
    time: facts.at.toISOString(),
    category: 'AuditEvent',
    operationName: facts.operationName,
    operationVersion: facts.operationVersion,
    resourceId: facts.storeId.toUpperCase(),
    resultType: facts.resultType,
    resultSignature: facts.resultSignature,
    resultDescription: facts.resultDescription,
    durationMs: String(Math.round(facts.durationMs)),
    callerIpAddress: facts.callerIpAddress,
    correlationId: facts.correlationId,
    identity: facts.identity,
    properties: { ...facts.properties, httpStatusCode: facts.httpStatusCode },
  }
}
