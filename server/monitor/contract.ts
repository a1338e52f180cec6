import type { NotificationView } from '@/server/activity/contract'
import type { KeyAccessCause, KeyChainLink, ServerState, StandbyState } from '@/server/postgres/model'

/** One server in fleet health. Instants are ISO 8601 virtual time. */
export type FleetServerView = {
  id: string
  name: string
  location: string
  resourceGroup: string
  subscriptionId: string
  state: ServerState
  stateSince: string
  createdAt: string
  encryption: 'SystemManaged' | 'AzureKeyVault'
  /** Null for service-managed keys. */
  keyUri: string | null
  identityName: string | null
  identityPrincipalId: string | null
  /** The first broken link between server and key, with what was seen; null while the key is accessible or unchecked. */
  broken: BrokenKeyAccess | null
  /** High availability, with what its standby's own check met; null while it is off. */
  standby: { state: StandbyState; broken: BrokenKeyAccess | null; lastCheckAt: string | null } | null
  lastCheckAt: string | null
  nextCheckAt: string | null
}

export type BrokenKeyAccess = {
  link: KeyChainLink
  cause: KeyAccessCause
  /** The cause in a few words, what was seen, and what would mend it. */
  title: string
  message: string
  wayOut: string
  since: string
  evidence: Record<string, string>
}

export type FleetView = { servers: FleetServerView[]; counts: Record<ServerState, number> }

export const RESOURCE_KINDS = ['server', 'vault', 'managedHsm', 'identity'] as const
export type ResourceKind = (typeof RESOURCE_KINDS)[number]

/** A resource in lists and in the search box. */
export type ResourceView = {
  id: string
  kind: ResourceKind
  /** ARM type, e.g. `Microsoft.KeyVault/vaults`. */
  type: string
  name: string
  location: string
  /** The region's name for people: "North Europe". */
  region: string
  resourceGroup: string
  subscriptionId: string
  subscriptionName: string
  createdAt: string
  /** Only where a resource has one that is worth a badge. */
  state: string | null
  /** Of managed identities. */
  principalId: string | null
}

/** A line of the notifications bell; the page links it to what it is about. */
export type BellItem = Omit<NotificationView, 'href'> & { resourceId: string; operationId: string | null }
