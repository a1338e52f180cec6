import { type KeyRequest, storeOrigin } from '@/server/keys/model'
import type { ManagedHsmView } from './contract'

export type NetworkAcls = {
  defaultAction: 'Allow' | 'Deny'
  bypass: 'AzureServices' | 'None'
  ipRules: string[]
}

/** A pool as this folder works with it. */
export type ManagedHsm = {
  /** Resource id. */
  id: string
  tenantId: string
  subscriptionId: string
  resourceGroup: string
  name: string
  location: string
  softDeleteDays: number
  purgeProtection: boolean
  publicNetworkAccess: boolean
  networkAcls: NetworkAcls
  adminObjectIds: string[]
  activatedAt: Date | null
  quorum: number | null
  /** Names the security domain without telling its key; null before there is one. */
  domainId: string | null
  tags: Record<string, string>
  createdAt: Date
  deletedAt: Date | null
  scheduledPurgeAt: Date | null
}

/** What services answer: a view that lacks the address, which depends on the port that the surface listens on. */
export type ManagedHsmRecord = Omit<ManagedHsmView, 'uri'>

export const toManagedHsmView = (hsm: ManagedHsmRecord, httpsPort: number): ManagedHsmView => ({
  ...hsm,
  uri: `${storeOrigin('managedhsm', hsm.name, httpsPort)}/`,
})

export type HsmAssignment = {
  id: string
  hsmId: string
  scope: string
  roleDefinitionId: string
  principalId: string
  createdAt: Date
  createdBy: string
}

/** Data actions of local RBAC are written after this prefix. */
export const HSM_ACTION_PREFIX = 'Microsoft.KeyVault/managedHsm/'

/** The data action that each key request takes. */
export const HSM_ACTIONS: Record<KeyRequest, string> = {
  create: 'keys/create',
  import: 'keys/import/action',
  get: 'keys/read/action',
  list: 'keys/read/action',
  listVersions: 'keys/read/action',
  update: 'keys/write/action',
  remove: 'keys/delete',
  getDeleted: 'keys/deletedKeys/read/action',
  listDeleted: 'keys/deletedKeys/read/action',
  recover: 'keys/deletedKeys/recover/action',
  purge: 'keys/deletedKeys/delete',
  backup: 'keys/backup/action',
  restore: 'keys/restore/action',
  rotate: 'keys/rotate/action',
  getRotationPolicy: 'keys/read/action',
  setRotationPolicy: 'keys/write/action',
  encrypt: 'keys/encrypt/action',
  decrypt: 'keys/decrypt/action',
  wrap: 'keys/wrap/action',
  unwrap: 'keys/unwrap/action',
  sign: 'keys/sign/action',
  verify: 'keys/verify/action',
  release: 'keys/release/action',
}

/** What is not about keys: activation, randomness, local roles. */
export const HSM_ADMIN_ACTIONS = {
  downloadDomain: 'securitydomain/download/action',
  readExchangeKey: 'securitydomain/transferkey/read',
  uploadDomain: 'securitydomain/upload/action',
  readUpload: 'securitydomain/upload/read',
  random: 'rng/action',
  readRoles: 'roleAssignments/read/action',
  writeRoles: 'roleAssignments/write/action',
  deleteRoles: 'roleAssignments/delete/action',
  startBackup: 'backup/start/action',
  readBackup: 'backup/status/action',
  startRestore: 'restore/start/action',
  readRestore: 'restore/status/action',
} as const

const ROLE_MANAGEMENT = [
  'roleAssignments/read/action',
  'roleAssignments/write/action',
  'roleAssignments/delete/action',
  'roleDefinitions/read/action',
]
const BACKUP_RESTORE = ['backup/start/action', 'backup/status/action', 'restore/start/action', 'restore/status/action']
const DELETED_KEYS = ['keys/deletedKeys/read/action', 'keys/deletedKeys/recover/action', 'keys/deletedKeys/delete']

export type HsmRole = { id: string; name: string; description: string; dataActions: string[] }

/** The built-in local roles (Managed HSM local RBAC built-in roles). */
export const HSM_ROLES: readonly HsmRole[] = [
  {
    id: 'a290e904-7015-4bba-90c8-60543313cdb4',
    name: 'Managed HSM Administrator',
    description: 'Security domain, full backup and restore, roles. No keys.',
    dataActions: [
      'securitydomain/download/action',
      'securitydomain/upload/action',
      'securitydomain/upload/read',
      'securitydomain/transferkey/read',
      ...BACKUP_RESTORE,
      ...ROLE_MANAGEMENT,
    ],
  },
  {
    id: '515eb02d-2335-4d2d-92f2-b1cbdf9c3778',
    name: 'Managed HSM Crypto Officer',
    description: 'Manages roles; purges and recovers deleted keys; exports.',
    dataActions: [...DELETED_KEYS, 'keys/export/action', ...ROLE_MANAGEMENT],
  },
  {
    id: '21dbd100-6940-42c2-9190-5d6cb909625b',
    name: 'Managed HSM Crypto User',
    description: 'Creates, uses and deletes keys; neither purges nor recovers them.',
    dataActions: [
      'keys/read/action',
      'keys/write/action',
      'keys/rotate/action',
      'keys/create',
      'keys/delete',
      'keys/import/action',
      'keys/backup/action',
      'keys/restore/action',
      'keys/release/action',
      'keys/encrypt/action',
      'keys/decrypt/action',
      'keys/wrap/action',
      'keys/unwrap/action',
      'keys/sign/action',
      'keys/verify/action',
      'rng/action',
    ],
  },
  {
    id: '4bd23610-cdcf-4971-bdee-bdc562cc28e4',
    name: 'Managed HSM Policy Administrator',
    description: 'Creates and deletes role assignments.',
    dataActions: ROLE_MANAGEMENT,
  },
  {
    id: '2c18b078-7c48-4d3a-af88-5a3a1b3f82b3',
    name: 'Managed HSM Crypto Auditor',
    description: 'Reads keys, deleted keys and roles; uses none.',
    dataActions: [
      'keys/read/action',
      'keys/deletedKeys/read/action',
      'roleAssignments/read/action',
      'roleDefinitions/read/action',
    ],
  },
  {
    id: '33413926-3206-4cdd-b39a-83574fe37a17',
    name: 'Managed HSM Crypto Service Encryption User',
    description: 'Reads, wraps and unwraps: what a service that encrypts with a customer-managed key needs.',
    dataActions: ['keys/read/action', 'keys/wrap/action', 'keys/unwrap/action'],
  },
  {
    id: '21dbd100-6940-42c2-9190-5d6cb909625c',
    name: 'Managed HSM Crypto Service Release User',
    description: 'Releases keys to attested environments.',
    dataActions: ['keys/release/action'],
  },
  {
    id: '7b127d3c-77bd-4e3e-bbe0-dbb8971fa7f8',
    name: 'Managed HSM Backup',
    description: 'Backs up single keys and the whole HSM.',
    dataActions: ['keys/backup/action', 'backup/start/action', 'backup/status/action'],
  },
  {
    id: '6efe6056-5259-49d2-8b3d-d3d73544b20b',
    name: 'Managed HSM Restore',
    description: 'Restores single keys.',
    dataActions: ['keys/restore/action', 'restore/start/action', 'restore/status/action'],
  },
]
const roleId = (name: string): string => HSM_ROLES.find((role) => role.name === name)!.id

export const HSM_ROLE_IDS = {
  administrator: roleId('Managed HSM Administrator'),
  cryptoOfficer: roleId('Managed HSM Crypto Officer'),
  cryptoUser: roleId('Managed HSM Crypto User'),
  cryptoAuditor: roleId('Managed HSM Crypto Auditor'),
  cryptoServiceEncryptionUser: roleId('Managed HSM Crypto Service Encryption User'),
} as const

export const HSM_ADMINISTRATOR = HSM_ROLE_IDS.administrator

export const findHsmRole = (idOrResourceId: string): HsmRole | undefined =>
  HSM_ROLES.find((role) => role.id === idOrResourceId.split('/').at(-1)?.toLowerCase())

/** A full backup or a restore. */
export type HsmJob = {
  id: string
  tenantId: string
  hsmId: string
  kind: 'backup' | 'restore'
  containerUri: string
  folder: string
  at: Date
}

/** A pool is not restored over what nobody could bring back: it must have been backed up so shortly before. */
export const BACKUP_BEFORE_RESTORE_MINUTES = 30
