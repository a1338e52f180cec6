/** Server states, in Azure's spelling (REST API 2025-08-01). */
export const SERVER_STATES = [
  'Provisioning',
  'Ready',
  'Inaccessible',
  'Updating',
  'Starting',
  'Stopping',
  'Stopped',
  'Restarting',
  'Dropping',
  'Disabled',
] as const
export type ServerState = (typeof SERVER_STATES)[number]

/** Which state may follow which. `Inaccessible` is reached and left by real failing and succeeding unwraps only. */
export const TRANSITIONS: Record<ServerState, readonly ServerState[]> = {
  Provisioning: ['Ready', 'Inaccessible', 'Dropping'],
  Ready: ['Inaccessible', 'Updating', 'Stopping', 'Restarting', 'Dropping', 'Disabled'],
  Inaccessible: ['Ready', 'Updating', 'Dropping'],
  Updating: ['Ready', 'Inaccessible', 'Stopped'],
  Starting: ['Ready', 'Inaccessible', 'Stopped'],
  Stopping: ['Stopped', 'Ready'],
  Stopped: ['Starting', 'Dropping', 'Inaccessible', 'Updating'],
  Restarting: ['Ready', 'Inaccessible'],
  Dropping: [],
  Disabled: ['Ready', 'Dropping'],
}

export const canMove = (from: ServerState, to: ServerState): boolean => TRANSITIONS[from].includes(to)

/** Where a check of key access leads from which state. In all other states it leads nowhere: the next one will see. */
export const KEY_ACCESS_MOVES = {
  broken: { Ready: 'Inaccessible' },
  working: { Inaccessible: 'Ready' },
} as const satisfies Record<'broken' | 'working', Partial<Record<ServerState, ServerState>>>

/**
 * States of a standby: not checked yet, able to open the data key, or refused. SIMULATED: Azure lists no state for a
 * standby without its key.
 */
export type StandbyState = 'CreatingStandby' | 'Healthy' | 'Degraded'

/** The same for a standby: its own checks lead it, whatever its server's said. */
export const STANDBY_MOVES = {
  broken: { CreatingStandby: 'Degraded', Healthy: 'Degraded' },
  working: { CreatingStandby: 'Healthy', Degraded: 'Healthy' },
} as const satisfies Record<'broken' | 'working', Partial<Record<StandbyState, StandbyState>>>

/**
 * What both say of high availability: it is there while either could take over from the other. SIMULATED: a standby that
 * still opens the key does not take over from a server that no longer does, since its next check will be refused too.
 */
const AVAILABILITY: Record<'working' | 'broken', Record<StandbyState, StandbyState>> = {
  working: { CreatingStandby: 'CreatingStandby', Healthy: 'Healthy', Degraded: 'Degraded' },
  broken: { CreatingStandby: 'CreatingStandby', Healthy: 'Degraded', Degraded: 'Degraded' },
}

export const highAvailabilityState = (
  server: Pick<ServerRecord, 'properties' | 'state' | 'standbyState'>,
): StandbyState | 'NotEnabled' =>
  hasStandby(server)
    ? AVAILABILITY[server.state === 'Inaccessible' ? 'broken' : 'working'][server.standbyState]
    : 'NotEnabled'

export const hasStandby = ({ properties }: Pick<ServerRecord, 'properties'>): boolean =>
  properties.highAvailability.mode !== 'Disabled'

/** What a person may ask for in which state; the pages' buttons and the service read the same table. */
export const COMMANDS = {
  updateEncryption: ['Ready', 'Inaccessible'],
  delete: ['Ready', 'Inaccessible', 'Stopped', 'Disabled'],
  stop: ['Ready'],
  start: ['Stopped'],
  restart: ['Ready'],
  resetPassword: ['Ready'],
  scale: ['Ready'],
  manageDatabases: ['Ready'],
  setParameters: ['Ready'],
  updateNetworking: ['Ready', 'Inaccessible', 'Stopped'],
  backUp: ['Ready', 'Stopped'],
  deleteBackup: ['Ready', 'Inaccessible', 'Stopped'],
  restore: ['Ready', 'Inaccessible', 'Stopped'],
  checkKeyAccess: ['Ready', 'Inaccessible', 'Stopped'],
} as const satisfies Record<string, readonly ServerState[]>
export type ServerCommand = keyof typeof COMMANDS

export const commandAllowed = (command: ServerCommand, state: ServerState): boolean =>
  (COMMANDS[command] as readonly ServerState[]).includes(state)

/** The links of the chain from server to data key, in the order in which they are tested. */
export const KEY_CHAIN = [
  'identity',
  'vault',
  'network',
  'permission',
  'key',
  'version',
  'enabled',
  'validity',
  'type',
  'envelope',
] as const
export type KeyChainLink = (typeof KEY_CHAIN)[number]

export const KEY_ACCESS_CAUSES = [
  'IdentityDeleted',
  'IdentityReplaced',
  'VaultDeleted',
  'VaultPurged',
  'HsmNotActivated',
  'FirewallBlocked',
  'RoleRemoved',
  'RolePropagating',
  'PolicyRevoked',
  'KeyDeleted',
  'KeyPurged',
  'KeyVersionMissing',
  'KeyDisabled',
  'KeyExpired',
  'KeyNotYetValid',
  'KeyTypeUnsupported',
  'OperationNotPermitted',
  'EnvelopeCorrupt',
  'Unreachable',
] as const
export type KeyAccessCause = (typeof KEY_ACCESS_CAUSES)[number]

export const CAUSES: Record<KeyAccessCause, { link: KeyChainLink; title: string; wayOut: string }> = {
  IdentityDeleted: {
    link: 'identity',
    title: 'The managed identity was deleted',
    wayOut:
      'Restore the identity, or switch the server to another identity that may use the key. An identity made anew under the same name does not help: its object id differs.',
  },
  IdentityReplaced: {
    link: 'identity',
    title: 'The managed identity was made anew under the same name',
    wayOut:
      'Its object id differs, so that it is another identity: grant it the role, and switch the server to it. Or delete it and restore the former one.',
  },
  VaultDeleted: {
    link: 'vault',
    title: 'The key store was deleted or cannot be found',
    wayOut:
      'Recover the vault or HSM. A vault’s role assignments do not come back: grant the identity its role again. An HSM keeps its local roles.',
  },
  VaultPurged: {
    link: 'vault',
    title: 'The key store was purged: its keys are gone for good',
    wayOut: 'A purged key store cannot be recovered. Without a backup of the key the data cannot be opened again.',
  },
  HsmNotActivated: {
    link: 'vault',
    title: 'The Managed HSM is not activated',
    wayOut: 'Activate the HSM by downloading its security domain.',
  },
  FirewallBlocked: {
    link: 'network',
    title: 'The key store’s firewall blocks the server',
    wayOut: 'Allow trusted Microsoft services to bypass the firewall.',
  },
  RoleRemoved: {
    link: 'permission',
    title: 'The identity has no role on the key',
    wayOut:
      'Grant the identity the role Key Vault Crypto Service Encryption User (in a Managed HSM: Managed HSM Crypto Service Encryption User).',
  },
  RolePropagating: {
    link: 'permission',
    title: 'The role assignment has not taken effect yet',
    wayOut: 'Wait: a role assignment takes effect within minutes.',
  },
  PolicyRevoked: {
    link: 'permission',
    title: 'The access policy no longer allows the identity',
    wayOut: 'Grant get, list, wrapKey and unwrapKey on keys to the identity.',
  },
  KeyDeleted: { link: 'key', title: 'The key was deleted or does not exist', wayOut: 'Recover the key.' },
  KeyPurged: {
    link: 'key',
    title: 'The key was purged, or never existed',
    wayOut: 'Restore the key from its backup. Without one the data cannot be opened again.',
  },
  KeyVersionMissing: {
    link: 'version',
    title: 'The key version does not exist',
    wayOut: 'Point the server to an existing version, or use automatic key version update.',
  },
  KeyDisabled: { link: 'enabled', title: 'The key version is disabled', wayOut: 'Enable the key version.' },
  KeyExpired: {
    link: 'validity',
    title: 'The key version has expired',
    wayOut: 'Extend the expiry date and wait for Ready; only then rotate or change the key.',
  },
  KeyNotYetValid: {
    link: 'validity',
    title: 'The key version is not active yet',
    wayOut: 'Move the activation date to the past.',
  },
  KeyTypeUnsupported: {
    link: 'type',
    title: 'The key is of a type that cannot wrap',
    wayOut: 'Use an RSA or RSA-HSM key of 2048, 3072 or 4096 bits.',
  },
  OperationNotPermitted: {
    link: 'enabled',
    title: 'The key does not permit wrapping and unwrapping',
    wayOut: 'Permit wrapKey and unwrapKey on the key version.',
  },
  EnvelopeCorrupt: {
    link: 'envelope',
    title: 'The wrapped data key does not open',
    wayOut: 'Restore the server from a backup.',
  },
  Unreachable: {
    link: 'network',
    title: 'The key store cannot be reached',
    wayOut: 'Check that the key store exists and answers.',
  },
}

/**
 * What a check found: a real unwrap that succeeded, or the first broken link.
 * `evidence` holds facts for people (key version, role, identity, instants as ISO 8601), never secrets.
 */
export type KeyAccessVerdict =
  | { accessible: true; kid: string }
  | {
      accessible: false
      cause: KeyAccessCause
      broken: KeyChainLink
      /** Which of the server's keys. */
      role: KeyRole
      message: string
      evidence: Record<string, string>
      /** Virtual instant at which it was first seen, ISO 8601. */
      since: string
    }

/** Every server's key access is checked at least this often (virtual time), so that both 60-minute promises hold. */
export const SWEEP_PERIOD_MINUTES = 30
/** By how much a sweep may come earlier, so that not all tenants ask their key stores at once. */
export const SWEEP_JITTER_MINUTES = 5

/** States in which a server's key access is checked. */
export const WATCHED_STATES = ['Ready', 'Inaccessible', 'Stopped'] as const satisfies readonly ServerState[]

export const MODES = { SystemManaged: 'Service-managed key', AzureKeyVault: 'Customer-managed key' } as const
export type EncryptionType = keyof typeof MODES

/** What was asked for at creation and does not concern keys; no secrets. */
export type ServerProperties = {
  workloadType: 'Development' | 'Production'
  availabilityZone: string
  compute: { tier: 'Burstable' | 'GeneralPurpose' | 'MemoryOptimized'; sku: string }
  storage: {
    type: 'Premium_LRS' | 'PremiumV2_LRS'
    sizeGiB: number
    performanceTier: string | null
    autoGrow: boolean
    iops: number | null
    throughput: number | null
  }
  highAvailability: { mode: 'Disabled' | 'SameZone' | 'ZoneRedundant'; standbyZone: string }
  backup: { retentionDays: number; geoRedundant: boolean }
  authentication: { method: 'PasswordOnly' | 'EntraOnly' | 'PasswordAndEntra'; entraAdministrator: string | null }
  networking: {
    connectivity: 'Public' | 'Private'
    publicAccess: boolean
    allowAzureServices: boolean
    virtualNetwork: string
    subnet: string
    privateDnsZone: string
  }
  /** Of a server that was made by a restore; instant in ISO 8601. */
  restoredFrom?: { serverName: string; backupName: string; at: string }
}

/** A server as stored. */
export type ServerRecord = {
  id: string
  tenantId: string
  subscriptionId: string
  resourceGroup: string
  name: string
  location: string
  version: string
  properties: ServerProperties
  adminLogin: string
  sealedVerifier: Uint8Array | null
  tags: Record<string, string>
  state: ServerState
  stateSince: Date
  createdAt: Date
  createdBy: string
  encryptionType: EncryptionType
  primaryKeyUri: string
  primaryIdentityId: string | null
  primaryPrincipalId: string | null
  geoKeyUri: string | null
  geoIdentityId: string | null
  geoPrincipalId: string | null
  identityIds: string[]
  keyAccess: KeyAccessVerdict | null
  keyCheckedAt: Date | null
  standbyState: StandbyState
  standbySince: Date | null
  standbyKeyAccess: KeyAccessVerdict | null
  standbyCheckedAt: Date | null
  busyOperationId: string | null
  firstDeniedAt: Date | null
  wakeAskedMs: bigint | null
}

export const BACKUP_TYPES = ['Automatic', 'OnDemand'] as const
export const BACKUP_STATUSES = ['Running', 'Succeeded', 'Failed', 'Deleting'] as const

/** A full backup as stored. */
export type BackupRecord = {
  id: string
  tenantId: string
  serverId: string
  name: string
  type: (typeof BACKUP_TYPES)[number]
  status: (typeof BACKUP_STATUSES)[number]
  startedAt: Date
  /** All that was committed by then is in it. */
  completedAt: Date | null
  expiresAt: Date
  bytes: bigint
  /** Key version that wraps the data key in its envelope. */
  kid: string
  error: { code: string; message: string } | null
}

/** Where the automatic backups of a server stand on the agenda. */
export const BACKUP_AGENDA = { take: 'backup', expire: 'expire-backup' } as const
/** SIMULATED: Azure takes the first one at once; here the server is let alone for its first minutes. */
export const FIRST_BACKUP_MINUTES = 10
export const FIRST_BACKUP_SPREAD_MINUTES = 20
export const BACKUP_PERIOD_HOURS = 24
/** When a backup could not begin because the server was at work on something else. */
export const BACKUP_RETRY_MINUTES = 10

export type KeyRole = 'primary' | 'geo'

/** Which key a server uses in one of its two roles. */
export type KeyUse = {
  role: KeyRole
  keyUri: string
  identity: { identityId: string; principalId: string | null } | null
}

/** The keys a server uses: one, and a second for geo-redundant backups. */
export function keyUses(server: ServerRecord): KeyUse[] {
  const identity = (identityId: string | null, principalId: string | null) =>
    identityId ? { identityId, principalId } : null
  const primary: KeyUse = {
    role: 'primary',
    keyUri: server.primaryKeyUri,
    identity: identity(server.primaryIdentityId, server.primaryPrincipalId),
  }
  if (!server.geoKeyUri) return [primary]
  return [
    primary,
    { role: 'geo', keyUri: server.geoKeyUri, identity: identity(server.geoIdentityId, server.geoPrincipalId) },
  ]
}

/** Who opens the data key of a server, and with which of its keys. A read replica is a server of its own, with its own. */
export type KeyMember = { member: 'server' | 'standby' | 'geo-redundant backup'; role: KeyRole; zone: string | null }

/**
 * SIMULATED: a standby is no process of its own here. It holds the server's envelope and asks by the same identity, at
 * times of its own: where both are checked at once, one probe speaks for both, as for any two servers that share
 * identity and version.
 */
export function keyMembers(server: ServerRecord): KeyMember[] {
  const { highAvailability, availabilityZone } = server.properties
  const zoneOf = (zone: string) => (zone === 'none' ? null : zone)
  return [
    { member: 'server', role: 'primary', zone: zoneOf(availabilityZone) },
    ...(hasStandby(server)
      ? [{ member: 'standby' as const, role: 'primary' as const, zone: zoneOf(highAvailability.standbyZone) }]
      : []),
    ...(server.geoKeyUri ? [{ member: 'geo-redundant backup' as const, role: 'geo' as const, zone: null }] : []),
  ]
}

export const isVersionless = (keyUri: string): boolean => !/\/keys\/[^/]+\/[^/]+/.test(keyUri)

/** Purpose under which the data key seals the administrator's verifier. */
export const ADMINISTRATOR_SEAL = 'administrator'
