import type { AppErrorCode } from '@/server/kernel/errors'
import { findRegion, regionDisplayName } from '@/server/kernel/regions'
import type { KeyAccessCause } from './model'

/** What is known of one key, its store and its identity when a server is to use them. */
export type KeyFacts = {
  role: 'primary' | 'geo'
  server: { tenantId: string; subscriptionId: string; location: string }
  keyUri: string
  autoUpdate: boolean
  identity: { id: string; name: string; tenantId: string; location: string; type: 'UserAssigned' } | null
  otherIdentityId: string | null
  store: {
    kind: 'vault' | 'managedhsm'
    id: string
    name: string
    tenantId: string
    subscriptionId: string
    location: string
    softDeleteDays: number
    purgeProtection: boolean
    permissionModel: 'rbac' | 'accessPolicies' | 'localRbac'
    activated: boolean
    publicNetworkAccess: boolean
    defaultAction: 'Allow' | 'Deny'
    trustedBypass: boolean
  } | null
  /** From the store's own rows: the version meant, or null when there is none. */
  key: {
    kid: string
    kty: string
    keySize: number | null
    enabled: boolean
    notBefore: Date | null
    expires: Date | null
  } | null
  keyNameExists: boolean
  /** A real attempt by the identity: read, wrap, unwrap. Null when it was not tried. */
  access: { ok: true } | { ok: false; code: AppErrorCode; message: string } | null
  /** The store is outside this simulation: only what it answers is known of it. */
  external: boolean
  now: Date
}

type Judgement = { status: 'pass' | 'fail' | 'unknown'; message: string; code?: string; fix?: FixKind }
export type FixKind = 'assignRole' | 'grantPolicy' | 'enablePurgeProtection' | 'allowTrustedServices' | 'enableKey'

export type PreconditionRule = {
  id: string
  title: string
  severity: 'required' | 'recommended'
  field: 'identityId' | 'keyUri'
  judge(facts: KeyFacts): Judgement
}

export type JudgedRule = Omit<PreconditionRule, 'judge'> & Judgement

const pass = (message: string): Judgement => ({ status: 'pass', message })
const fail = (message: string, code?: string, fix?: FixKind): Judgement => ({ status: 'fail', message, code, fix })
const unknown = (message: string): Judgement => ({ status: 'unknown', message })

const where = (f: KeyFacts) => (f.role === 'geo' ? 'the paired region' : 'this server')
export const SUPPORTED_KEY_SIZES = [2048, 3072, 4096]
export const SERVICE_ROLE = {
  vault: 'Key Vault Crypto Service Encryption User',
  managedhsm: 'Managed HSM Crypto Service Encryption User',
} as const

/** The region a key store must be in: the server's for the primary key, its pair for the geo key. */
export function requiredStoreRegion(f: Pick<KeyFacts, 'role' | 'server'>): string | null {
  return f.role === 'primary' ? f.server.location : (findRegion(f.server.location)?.pair ?? null)
}

/** Of a store of another tenant nothing is told but that it is one. */
function needsStore(f: KeyFacts, judge: (store: NonNullable<KeyFacts['store']>) => Judgement): Judgement {
  if (f.store?.tenantId === f.server.tenantId) return judge(f.store)
  if (f.store) return unknown('Not checked: the key store belongs to another tenant.')
  return unknown(
    f.external ? 'Not known of a key store outside this simulation.' : 'Not checked: the key store was not found.',
  )
}

const needsKey = (f: KeyFacts, judge: (key: NonNullable<KeyFacts['key']>) => Judgement): Judgement =>
  f.key ? judge(f.key) : unknown('Not checked: the key was not found.')

/**
 * Preconditions of customer-managed keys, in the order in which they are shown. Source: Azure Database for PostgreSQL,
 * "Data encryption" and "Configure data encryption" (mid-2026). Codes not confirmed for this service are marked in README.
 */
export const PRECONDITIONS: readonly PreconditionRule[] = [
  {
    id: 'identity-exists',
    title: 'The identity is a user-assigned managed identity that exists',
    severity: 'required',
    field: 'identityId',
    judge: (f) =>
      f.identity
        ? pass(`${f.identity.name} exists.`)
        : fail('The managed identity does not exist. Choose another, or create it.', 'CMKInvalidEncryptionParameters'),
  },
  {
    id: 'identities-differ',
    title: 'The paired region has an identity of its own',
    severity: 'required',
    field: 'identityId',
    judge: (f) =>
      f.role === 'geo' &&
      f.otherIdentityId &&
      f.identity &&
      f.otherIdentityId.toLowerCase() === f.identity.id.toLowerCase()
        ? fail(
            'The server and its geo-redundant backup need two different identities.',
            'CMKInvalidEncryptionParameters',
          )
        : pass('The identities differ.'),
  },
  {
    id: 'store-exists',
    title: 'The key store exists',
    severity: 'required',
    field: 'keyUri',
    judge: (f) =>
      f.store || f.external
        ? pass(`${f.store?.name ?? 'It'} exists.`)
        : fail(
            'There is no vault or Managed HSM of this name, or it is deleted. Check the key identifier, or recover the store.',
            'AzureKeyVaultKeyNotFound',
          ),
  },
  {
    id: 'same-tenant',
    title: 'Key store and server are in the same tenant',
    severity: 'required',
    field: 'keyUri',
    judge: (f) =>
      f.store && f.store.tenantId !== f.server.tenantId
        ? fail(
            'The key store belongs to another tenant. Use a store of this tenant: keys across tenants are not simulated.',
          )
        : needsStore(f, () => pass('Same tenant.')),
  },
  {
    id: 'same-subscription',
    title: 'Key store and server are in the same subscription',
    severity: 'recommended',
    field: 'keyUri',
    judge: (f) =>
      needsStore(f, (s) =>
        s.subscriptionId === f.server.subscriptionId
          ? pass('Same subscription.')
          : fail(
              'The key store is in another subscription. It works by key identifier; the key picker does not offer it.',
            ),
      ),
  },
  {
    id: 'same-region',
    title: 'The key store is in the region it serves',
    severity: 'required',
    field: 'keyUri',
    judge: (f) =>
      needsStore(f, (s) => {
        const needed = requiredStoreRegion(f)
        if (!needed) return fail(`${regionDisplayName(f.server.location)} has no paired region.`)
        return s.location === needed
          ? pass(`It is in ${regionDisplayName(needed)}.`)
          : fail(
              `It is in ${regionDisplayName(s.location)}; for ${where(f)} it must be in ${regionDisplayName(needed)}. Use a store there.`,
              'AzureKeyVaultMismatchError',
            )
      }),
  },
  {
    id: 'soft-delete',
    title: 'Soft delete is on',
    severity: 'required',
    field: 'keyUri',
    judge: (f) =>
      needsStore(f, (s) =>
        s.softDeleteDays > 0
          ? pass(`Deleted keys are kept ${s.softDeleteDays} days.`)
          : fail('Turn on soft delete for the key store.', 'SecurityInvalidAzureKeyVaultRecoveryLevel'),
      ),
  },
  {
    id: 'retention-90',
    title: 'Deleted keys are kept 90 days',
    severity: 'recommended',
    field: 'keyUri',
    judge: (f) =>
      needsStore(f, (s) =>
        s.softDeleteDays >= 90
          ? pass('90 days.')
          : fail(
              `Deleted keys are kept ${s.softDeleteDays} days only. The retention is fixed when a store is created.`,
            ),
      ),
  },
  {
    id: 'purge-protection',
    title: 'Purge protection is on',
    severity: 'required',
    field: 'keyUri',
    judge: (f) =>
      needsStore(f, (s) =>
        s.purgeProtection
          ? pass('Purge protection is on.')
          : fail(
              'Without purge protection the key could be destroyed for good. Turn it on; it cannot be turned off again.',
              'SecurityInvalidAzureKeyVaultRecoveryLevel',
              'enablePurgeProtection',
            ),
      ),
  },
  {
    id: 'hsm-activated',
    title: 'The Managed HSM is activated',
    severity: 'required',
    field: 'keyUri',
    judge: (f) =>
      needsStore(f, (s) =>
        s.kind === 'vault' || s.activated
          ? pass('It is active.')
          : fail('Activate the Managed HSM by downloading its security domain.'),
      ),
  },
  {
    id: 'trusted-bypass',
    title: 'The firewall lets the database service in',
    severity: 'required',
    field: 'keyUri',
    judge: (f) =>
      needsStore(f, (s) => {
        const restricted = !s.publicNetworkAccess || s.defaultAction === 'Deny'
        if (!restricted) return pass('The key store is open to all networks.')
        return s.trustedBypass
          ? pass('Trusted Microsoft services bypass the firewall; people outside it are still refused.')
          : fail(
              'The key store’s firewall is on and trusted Microsoft services may not bypass it. Allow them.',
              'AzureKeyVaultConnectionFailed',
              'allowTrustedServices',
            )
      }),
  },
  {
    id: 'key-exists',
    title: 'The key and its version exist',
    severity: 'required',
    field: 'keyUri',
    judge: (f) => {
      if (!f.external && f.store?.tenantId !== f.server.tenantId) return needsStore(f, () => pass(''))
      if (f.key) return pass('The key exists.')
      return f.keyNameExists
        ? fail('The key has no such version. Choose an existing version.', 'AzureKeyVaultKeyNameNotFound')
        : fail(
            'The key store has no key of this name. Choose another key, or create it.',
            'AzureKeyVaultKeyNameNotFound',
          )
    },
  },
  {
    id: 'key-rsa',
    title: 'The key is RSA of 2048, 3072 or 4096 bits',
    severity: 'required',
    field: 'keyUri',
    judge: (f) =>
      needsKey(f, (k) =>
        (k.kty === 'RSA' || k.kty === 'RSA-HSM') && k.keySize !== null && SUPPORTED_KEY_SIZES.includes(k.keySize)
          ? pass(`${k.kty}, ${k.keySize} bits.`)
          : fail(
              `It is ${k.kty}${k.keySize ? ` of ${k.keySize} bits` : ''}. Only RSA and RSA-HSM keys can wrap a data encryption key.`,
              'AzureKeyVaultRsaKeyNotSupported',
            ),
      ),
  },
  {
    id: 'key-4096',
    title: 'The key has 4096 bits',
    severity: 'recommended',
    field: 'keyUri',
    judge: (f) =>
      needsKey(f, (k) =>
        k.keySize === 4096
          ? pass('4096 bits.')
          : fail(`It has ${k.keySize ?? 'no'} bits; 4096 give the best security.`),
      ),
  },
  {
    id: 'key-enabled',
    title: 'The key is enabled',
    severity: 'required',
    field: 'keyUri',
    judge: (f) =>
      needsKey(f, (k) =>
        k.enabled
          ? pass('Enabled.')
          : fail('The key version is disabled. Enable it.', 'AzureKeyVaultKeyDisabled', 'enableKey'),
      ),
  },
  {
    id: 'key-active',
    title: 'The activation date has passed',
    severity: 'required',
    field: 'keyUri',
    judge: (f) =>
      needsKey(f, (k) =>
        !k.notBefore || k.notBefore <= f.now
          ? pass('The key is active.')
          : fail(
              `The key becomes active only on ${k.notBefore.toISOString()}. Choose another, or move its activation date.`,
            ),
      ),
  },
  {
    id: 'key-unexpired',
    title: 'The key has not expired',
    severity: 'required',
    field: 'keyUri',
    judge: (f) =>
      needsKey(f, (k) =>
        !k.expires || k.expires > f.now
          ? pass(k.expires ? `It expires on ${k.expires.toISOString()}.` : 'It has no expiry date.')
          : fail(`The key expired on ${k.expires.toISOString()}. Extend its expiry date, or choose another.`),
      ),
  },
  {
    id: 'identity-permission',
    title: 'The identity may read the key, wrap and unwrap with it',
    severity: 'required',
    field: 'identityId',
    judge: (f) => judgeAccess(f),
  },
  {
    id: 'identity-region',
    title: 'The identity is in the same region',
    severity: 'recommended',
    field: 'identityId',
    judge: (f) => {
      if (!f.identity) return unknown('Not checked: the identity was not found.')
      const needed = requiredStoreRegion(f)
      return f.identity.location === needed
        ? pass('Same region.')
        : fail(
            `It is in ${regionDisplayName(f.identity.location)}; an identity in ${needed ? regionDisplayName(needed) : 'the same region'} depends on one region only.`,
          )
    },
  },
  {
    id: 'auto-update',
    title: 'New key versions are adopted automatically',
    severity: 'recommended',
    field: 'keyUri',
    judge: (f) =>
      f.autoUpdate
        ? pass('The server adopts new versions by itself.')
        : fail('The server stays on this version: point it to each new one before the old expires.'),
  },
]

function judgeAccess(f: KeyFacts): Judgement {
  if (!f.access) return unknown('Not checked: identity or key was not found.')
  if (f.access.ok) return pass('A test key was wrapped and unwrapped as this identity.')
  const role = f.store ? SERVICE_ROLE[f.store.kind] : SERVICE_ROLE.vault
  switch (f.access.code) {
    case 'ForbiddenByRbac':
      return fail(
        `The identity has no permission on the key. Grant it the role ${role}. New role assignments may take some minutes to be effective.`,
        'AzureKeyVaultKeyNotFound',
        'assignRole',
      )
    case 'ForbiddenByPolicy':
      return fail(
        'The vault’s access policies do not allow the identity. Grant it get, list, wrapKey and unwrapKey on keys.',
        'AzureKeyVaultKeyNotFound',
        'grantPolicy',
      )
    case 'ForbiddenByFirewall':
    case 'ForbiddenByConnection':
    case 'KeyDisabled':
    case 'KeyExpired':
    case 'KeyNotYetValid':
    case 'KeyNotFound':
    case 'KeyTypeUnsupported':
    case 'VaultNotFound':
    case 'HsmNotActivated':
      return unknown('Not checked: another rule above must hold first.')
    default:
      return fail(f.access.message, 'AzureKeyVaultMissingPermissions')
  }
}

/** Judges every precondition; the first failed `required` one refuses the server. */
export const judgePreconditions = (facts: KeyFacts): JudgedRule[] =>
  PRECONDITIONS.map(({ judge, ...rule }) => ({ ...rule, ...judge(facts) }))

export const firstRefusal = (rules: JudgedRule[]): JudgedRule | null =>
  rules.find((rule) => rule.severity === 'required' && rule.status === 'fail') ?? null

const CAUSE_BY_CODE: Partial<Record<AppErrorCode, KeyAccessCause>> = {
  IdentityNotFound: 'IdentityDeleted',
  InvalidAuthenticationToken: 'IdentityDeleted',
  VaultNotFound: 'VaultDeleted',
  HsmNotActivated: 'HsmNotActivated',
  ForbiddenByFirewall: 'FirewallBlocked',
  ForbiddenByConnection: 'FirewallBlocked',
  ForbiddenByRbac: 'RoleRemoved',
  ForbiddenByPolicy: 'PolicyRevoked',
  KeyNotFound: 'KeyDeleted',
  KeyDisabled: 'KeyDisabled',
  KeyExpired: 'KeyExpired',
  KeyNotYetValid: 'KeyNotYetValid',
  KeyTypeUnsupported: 'KeyTypeUnsupported',
  KeyOperationForbidden: 'OperationNotPermitted',
  EnvelopeCorrupt: 'EnvelopeCorrupt',
  DekUnavailable: 'EnvelopeCorrupt',
}

/** The cause that a key store's refusal stands for. */
export const causeOf = (code: AppErrorCode): KeyAccessCause => CAUSE_BY_CODE[code] ?? 'Unreachable'

/**
 * What the service itself refuses although the vault would still unwrap: an expired or not yet active key, a disabled
 * one, or one that is not RSA. Source: Servers - Get, `primaryEncryptionKeyStatus`.
 */
export function attributeProblem(
  key: { kty: string; keySize: number | null; enabled: boolean; notBefore: Date | null; expires: Date | null },
  now: Date,
): KeyAccessCause | null {
  if (key.kty !== 'RSA' && key.kty !== 'RSA-HSM') return 'KeyTypeUnsupported'
  if (!key.enabled) return 'KeyDisabled'
  if (key.notBefore && key.notBefore > now) return 'KeyNotYetValid'
  if (key.expires && key.expires <= now) return 'KeyExpired'
  return null
}
