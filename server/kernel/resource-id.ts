/** ARM resource ids: `/subscriptions/{s}/resourceGroups/{g}/providers/{ns}/{type}/{name}`; compared without case. */
export type ParsedResourceId = {
  subscriptionId: string
  resourceGroup: string
  /** Namespace and type, e.g. `Microsoft.KeyVault/vaults`. */
  type: string
  name: string
}

export const RESOURCE_TYPES = {
  server: 'Microsoft.DBforPostgreSQL/flexibleServers',
  vault: 'Microsoft.KeyVault/vaults',
  managedHsm: 'Microsoft.KeyVault/managedHSMs',
  identity: 'Microsoft.ManagedIdentity/userAssignedIdentities',
} as const

export const subscriptionScope = (subscriptionId: string): string => `/subscriptions/${subscriptionId}`

export const resourceGroupId = (subscriptionId: string, name: string): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${name}`

export const resourceId = (p: ParsedResourceId): string =>
  `/subscriptions/${p.subscriptionId}/resourceGroups/${p.resourceGroup}/providers/${p.type}/${p.name}`

/** Reads a top-level resource id; null when the text is not one. */
export function parseResourceId(id: string): ParsedResourceId | null {
  const m = /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/([^/]+\/[^/]+)\/([^/]+)$/i.exec(id)
  if (!m) return null
  return { subscriptionId: m[1]!, resourceGroup: m[2]!, type: m[3]!, name: m[4]! }
}

export const sameId = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

/** True when `scope` is `target` or one of its ancestors. */
export function scopeContains(scope: string, target: string): boolean {
  const s = scope.toLowerCase().replace(/\/$/, '')
  const t = target.toLowerCase()
  return s === '' || t === s || t.startsWith(`${s}/`)
}
