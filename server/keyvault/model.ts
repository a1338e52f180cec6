import { type KeyRequest, storeOrigin } from '@/server/keys/model'
import type { AccessPolicy, KeyPermission, NetworkAcls, PrivateEndpointView, VaultView } from './contract'

/** A vault as this folder works with it. */
export type Vault = {
  /** Resource id. */
  id: string
  tenantId: string
  subscriptionId: string
  resourceGroup: string
  name: string
  location: string
  sku: 'standard' | 'premium'
  rbac: boolean
  accessPolicies: AccessPolicy[]
  /** False: what is deleted is destroyed at once. */
  softDelete: boolean
  softDeleteDays: number
  purgeProtection: boolean
  publicNetworkAccess: boolean
  networkAcls: NetworkAcls
  tags: Record<string, string>
  /** Holds service-managed keys: for the service principal alone, and in no list of people's. */
  serviceOwned: boolean
  createdAt: Date
  deletedAt: Date | null
  scheduledPurgeAt: Date | null
}

/** What services answer: a view that lacks the address, which depends on the port that the surface listens on. */
export type VaultRecord = Omit<VaultView, 'uri'>

export const toVaultView = (vault: VaultRecord, httpsPort: number): VaultView => ({
  ...vault,
  uri: `${storeOrigin('vault', vault.name, httpsPort)}/`,
})

export const DATA_ACTION_PREFIX = 'Microsoft.KeyVault/vaults/'

/** Every key request's data action (RBAC, after the prefix) and its permission (access policy). */
export const VAULT_RIGHTS: Record<KeyRequest, { dataAction: string; permission: KeyPermission }> = {
  create: { dataAction: 'keys/create/action', permission: 'create' },
  import: { dataAction: 'keys/import/action', permission: 'import' },
  get: { dataAction: 'keys/read', permission: 'get' },
  list: { dataAction: 'keys/read', permission: 'list' },
  listVersions: { dataAction: 'keys/read', permission: 'list' },
  update: { dataAction: 'keys/update/action', permission: 'update' },
  remove: { dataAction: 'keys/delete', permission: 'delete' },
  getDeleted: { dataAction: 'keys/read', permission: 'get' },
  listDeleted: { dataAction: 'keys/read', permission: 'list' },
  recover: { dataAction: 'keys/recover/action', permission: 'recover' },
  purge: { dataAction: 'keys/purge/action', permission: 'purge' },
  backup: { dataAction: 'keys/backup/action', permission: 'backup' },
  restore: { dataAction: 'keys/restore/action', permission: 'restore' },
  rotate: { dataAction: 'keys/rotate/action', permission: 'rotate' },
  getRotationPolicy: { dataAction: 'keyrotationpolicies/read', permission: 'getrotationpolicy' },
  setRotationPolicy: { dataAction: 'keyrotationpolicies/write', permission: 'setrotationpolicy' },
  encrypt: { dataAction: 'keys/encrypt/action', permission: 'encrypt' },
  decrypt: { dataAction: 'keys/decrypt/action', permission: 'decrypt' },
  wrap: { dataAction: 'keys/wrap/action', permission: 'wrapKey' },
  unwrap: { dataAction: 'keys/unwrap/action', permission: 'unwrapKey' },
  sign: { dataAction: 'keys/sign/action', permission: 'sign' },
  verify: { dataAction: 'keys/verify/action', permission: 'verify' },
  release: { dataAction: 'keys/release/action', permission: 'release' },
}

export type PrivateEndpointStatus = PrivateEndpointView['status']
export type PrivateEndpoint = {
  id: string
  tenantId: string
  storeId: string
  name: string
  privateEndpointId: string
  status: PrivateEndpointStatus
  description: string
  createdAt: Date
}
