import type { Custody } from './custody'
import type { Db } from './db'

export type PrincipalKind = 'User' | 'Group' | 'ServicePrincipal' | 'ManagedIdentity'

/** Who acts. Rights come from role assignments on `objectId` and `groupIds` alone. */
export type Principal = {
  objectId: string
  kind: PrincipalKind
  displayName: string
  appId?: string
  upn?: string
  /** Resource id of a managed identity. */
  mirid?: string
  groupIds: string[]
  /** The service itself (sweeps, seeds): no role assignment is asked. */
  isService?: boolean
}

export type Caller = {
  /** IPv4 or IPv6 address as text. */
  address: string
  /** Set when a first-party service calls on its own behalf: vault firewalls may let it bypass. */
  trustedService?: string
  /** Resource id of the private endpoint by which the request came. */
  privateEndpoint?: string
  userAgent?: string
}

/** What every service call gets: database, the tenant's now, and who is asking. */
export type Ctx = {
  db: Db
  tenantId: string
  /** Virtual time of the tenant, fixed for this call. */
  now: Date
  principal: Principal
  caller: Caller
  correlationId: string
  custody: Custody
}

export const SERVICE_PRINCIPAL: Principal = {
  objectId: '00000000-0000-0000-0000-000000000000',
  kind: 'ServicePrincipal',
  displayName: 'Azure Database for PostgreSQL (simulated service)',
  groupIds: [],
  isService: true,
}
