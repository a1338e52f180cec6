import { parseKeyIdentifier } from '@/server/keys/model'
import type { EncryptionView, KeyUseView } from '@/server/postgres/contract'
import { CAUSES, KEY_CHAIN, type KeyAccessCause, type KeyChainLink } from '@/server/postgres/model'

export type ChainLinkView = { link: KeyChainLink; label: string; status: 'ok' | 'broken' | 'untested' }

const LABELS: Record<KeyChainLink, string> = {
  identity: 'Identity',
  vault: 'Key store',
  network: 'Network',
  permission: 'Permission',
  key: 'Key',
  version: 'Version',
  enabled: 'Enabled',
  validity: 'Validity',
  type: 'Key type',
  envelope: 'Data key',
}

/** The chain from server to data key as the last check saw it: whole, broken at one link, or not yet tested. */
export function keyChain({ keyAccess }: Pick<EncryptionView, 'keyAccess'>): ChainLinkView[] {
  const brokenAt = keyAccess && !keyAccess.accessible ? KEY_CHAIN.indexOf(keyAccess.broken) : KEY_CHAIN.length
  return KEY_CHAIN.map((link, i) => {
    const status = !keyAccess || i > brokenAt ? 'untested' : i === brokenAt ? 'broken' : 'ok'
    return { link, label: LABELS[link], status }
  })
}

/** What one button can do about a broken link without destroying anything. */
export type RepairKind =
  | 'restoreIdentity'
  | 'recoverVault'
  | 'allowTrustedServices'
  | 'assignRole'
  | 'grantPolicy'
  | 'recoverKey'
  | 'enableKey'

/** Where a person can look at the broken link and mend it. */
export type RepairPage = 'identity' | 'store' | 'networking' | 'access' | 'key' | 'encryption'

type Repair = { page: RepairPage | null; kind: RepairKind | null }

/** What mends each cause. An expiry date is a person's decision, so that it has a page and no button. */
const REPAIRS: Record<KeyAccessCause, Repair> = {
  IdentityDeleted: { page: 'identity', kind: 'restoreIdentity' },
  IdentityReplaced: { page: 'encryption', kind: null },
  VaultDeleted: { page: 'store', kind: 'recoverVault' },
  VaultPurged: { page: null, kind: null },
  HsmNotActivated: { page: 'store', kind: null },
  FirewallBlocked: { page: 'networking', kind: 'allowTrustedServices' },
  RoleRemoved: { page: 'access', kind: 'assignRole' },
  RolePropagating: { page: 'access', kind: null },
  PolicyRevoked: { page: 'access', kind: 'grantPolicy' },
  KeyDeleted: { page: 'key', kind: 'recoverKey' },
  KeyPurged: { page: 'store', kind: null },
  KeyVersionMissing: { page: 'encryption', kind: null },
  KeyDisabled: { page: 'key', kind: 'enableKey' },
  KeyExpired: { page: 'key', kind: null },
  KeyNotYetValid: { page: 'key', kind: null },
  KeyTypeUnsupported: { page: 'encryption', kind: null },
  OperationNotPermitted: { page: 'key', kind: null },
  EnvelopeCorrupt: { page: null, kind: null },
  Unreachable: { page: 'store', kind: null },
}

/** A broken link with everything that mending it takes. */
export type BrokenLink = {
  cause: KeyAccessCause
  title: string
  wayOut: string
  message: string
  evidence: Record<string, string>
  since: string
  role: 'primary' | 'geo'
  page: RepairPage | null
  kind: RepairKind | null
  target: RepairTarget
}

export type RepairTarget = {
  storeType: 'vault' | 'managedhsm'
  storeName: string
  keyName: string
  /** Version that has to work for the envelope to open. */
  version: string | null
  identityId: string | null
  principalId: string | null
}

/** The broken link of a server's key access, or null while the key is accessible, unchecked or the service's own. */
export function brokenLink({ keyAccess, primary, geo, type }: EncryptionView): BrokenLink | null {
  if (!keyAccess || keyAccess.accessible) return null
  const use = keyAccess.role === 'geo' ? geo : primary
  if (!use) return null
  const { cause, message, evidence, since, role } = keyAccess
  const target = repairTarget(use)
  // A key that the service manages is mended by the service.
  const repair = type === 'AzureKeyVault' && target ? REPAIRS[cause] : { page: null, kind: null }
  const { title, wayOut } = CAUSES[cause]
  return { cause, title, wayOut, message, evidence, since, role, ...repair, target: target ?? NOWHERE }
}

const NOWHERE: RepairTarget = {
  storeType: 'vault',
  storeName: '',
  keyName: '',
  version: null,
  identityId: null,
  principalId: null,
}

function repairTarget(use: KeyUseView): RepairTarget | null {
  const id = parseKeyIdentifier(use.wrappedByKid ?? use.keyUri)
  if (!id) return null
  const { storeType, storeName, keyName, version } = id
  return { storeType, storeName, keyName, version, identityId: use.identityId, principalId: use.principalId }
}
