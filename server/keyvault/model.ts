import { storeOrigin } from '@/server/keys/model'
import type { AccessPolicy, KeyPermission, NetworkAcls, VaultView } from './contract'

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

type Operation = { audit: string; dataAction: string; permission: KeyPermission }

/** Every data-plane operation: its name in the audit log, its data action (RBAC) and its permission (access policy). */
export const VAULT_OPERATIONS = {
  create: { audit: 'KeyCreate', dataAction: 'keys/create/action', permission: 'create' },
  import: { audit: 'KeyImport', dataAction: 'keys/import/action', permission: 'import' },
  get: { audit: 'KeyGet', dataAction: 'keys/read', permission: 'get' },
  list: { audit: 'KeyList', dataAction: 'keys/read', permission: 'list' },
  listVersions: { audit: 'KeyListVersions', dataAction: 'keys/read', permission: 'list' },
  update: { audit: 'KeyUpdate', dataAction: 'keys/update/action', permission: 'update' },
  remove: { audit: 'KeyDelete', dataAction: 'keys/delete', permission: 'delete' },
  getDeleted: { audit: 'KeyGetDeleted', dataAction: 'keys/read', permission: 'get' },
  listDeleted: { audit: 'KeyListDeleted', dataAction: 'keys/read', permission: 'list' },
  recover: { audit: 'KeyRecover', dataAction: 'keys/recover/action', permission: 'recover' },
  purge: { audit: 'KeyPurge', dataAction: 'keys/purge/action', permission: 'purge' },
  backup: { audit: 'KeyBackup', dataAction: 'keys/backup/action', permission: 'backup' },
  restore: { audit: 'KeyRestore', dataAction: 'keys/restore/action', permission: 'restore' },
  rotate: { audit: 'KeyRotate', dataAction: 'keys/rotate/action', permission: 'rotate' },
  getRotationPolicy: {
    audit: 'KeyRotationPolicyGet',
    dataAction: 'keyrotationpolicies/read',
    permission: 'getrotationpolicy',
  },
  setRotationPolicy: {
    audit: 'KeyRotationPolicySet',
    dataAction: 'keyrotationpolicies/write',
    permission: 'setrotationpolicy',
  },
  encrypt: { audit: 'KeyEncrypt', dataAction: 'keys/encrypt/action', permission: 'encrypt' },
  decrypt: { audit: 'KeyDecrypt', dataAction: 'keys/decrypt/action', permission: 'decrypt' },
  wrap: { audit: 'KeyWrap', dataAction: 'keys/wrap/action', permission: 'wrapKey' },
  unwrap: { audit: 'KeyUnwrap', dataAction: 'keys/unwrap/action', permission: 'unwrapKey' },
  sign: { audit: 'KeySign', dataAction: 'keys/sign/action', permission: 'sign' },
  verify: { audit: 'KeyVerify', dataAction: 'keys/verify/action', permission: 'verify' },
} as const satisfies Record<string, Operation>
export type VaultOperation = keyof typeof VAULT_OPERATIONS

/** Azure's recovery level, shown with each key. */
export function recoveryLevel(vault: Pick<Vault, 'softDeleteDays' | 'purgeProtection'>): string {
  const level = vault.softDeleteDays < 90 ? 'CustomizedRecoverable' : 'Recoverable'
  return vault.purgeProtection ? level : `${level}+Purgeable`
}
