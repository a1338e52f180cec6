import type { AppErrorCode } from '@/server/kernel/errors'
import type { KeyVersionView, KeyView, RotationPolicyInput } from './contract'

export const KEY_OPERATIONS = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'wrapKey',
  'unwrapKey',
  'import',
  'export',
] as const
export type KeyOperation = (typeof KEY_OPERATIONS)[number]
/** Operations that are work on key material. */
export type CryptoOperation = Exclude<KeyOperation, 'import' | 'export'>

export const EC_CURVES = ['P-256', 'P-384', 'P-521', 'P-256K'] as const
export type EcCurve = (typeof EC_CURVES)[number]
/** Bits of symmetric keys. */
export const OCT_KEY_SIZES = [128, 192, 256] as const
export type KeyKind = 'RSA' | 'EC' | 'oct'

/** Public half as JWK: `{kty, n, e}` or `{kty, crv, x, y}`, base64url without padding; of a symmetric key `{kty}` alone. */
export type PublicJwk = { kty: string; n?: string; e?: string; crv?: string; x?: string; y?: string }

/** One version of a key, with what belongs to the key as a whole. Never holds private material. */
export type KeyBundle = {
  keyId: string
  storeId: string
  name: string
  /** 32 lower-case hex characters. */
  version: string
  /** True for the newest version, which identifiers without version name. */
  current: boolean
  /** `RSA`, `RSA-HSM`, `EC`, `EC-HSM`, `oct-HSM`. */
  kty: string
  /** Bits; null for EC. */
  keySize: number | null
  crv: string | null
  publicJwk: PublicJwk
  keyOps: string[]
  enabled: boolean
  notBefore: Date | null
  expires: Date | null
  createdAt: Date
  updatedAt: Date
  tags: Record<string, string>
  deletedAt: Date | null
  scheduledPurgeAt: Date | null
}

export type RotationPolicy = RotationPolicyInput & { createdAt: string; updatedAt: string }

/** What a store allows in rotation policies. */
export type RotationLimits = { minimumDays: number; notify: boolean }
export type StoreLimits = {
  rotation: RotationLimits
  rotateNeedsPolicy: boolean
  maxVersions: number | null
  /** The most versions that a backup of a key holds. */
  maxBackupVersions: number | null
}

/** Key Vault: rotation at least 7 days apart, notices before expiry, any number of versions. */
export const VAULT_LIMITS: StoreLimits = {
  rotation: { minimumDays: 7, notify: true },
  rotateNeedsPolicy: false,
  maxVersions: null,
  maxBackupVersions: 500,
}
/** Managed HSM: 28 days, no notices, a policy even for rotation on demand, 100 versions of a key. */
export const HSM_LIMITS: StoreLimits = {
  rotation: { minimumDays: 28, notify: false },
  rotateNeedsPolicy: true,
  maxVersions: 100,
  maxBackupVersions: null,
}

/** Every kind of key request, with its name in audit logs. */
export const AUDIT_NAMES = {
  create: 'KeyCreate',
  import: 'KeyImport',
  get: 'KeyGet',
  list: 'KeyList',
  listVersions: 'KeyListVersions',
  update: 'KeyUpdate',
  remove: 'KeyDelete',
  getDeleted: 'KeyGetDeleted',
  listDeleted: 'KeyListDeleted',
  recover: 'KeyRecover',
  purge: 'KeyPurge',
  backup: 'KeyBackup',
  restore: 'KeyRestore',
  rotate: 'KeyRotate',
  getRotationPolicy: 'KeyRotationPolicyGet',
  setRotationPolicy: 'KeyRotationPolicySet',
  encrypt: 'KeyEncrypt',
  decrypt: 'KeyDecrypt',
  wrap: 'KeyWrap',
  unwrap: 'KeyUnwrap',
  sign: 'KeySign',
  verify: 'KeyVerify',
  release: 'KeyRelease',
} as const
export type KeyRequest = keyof typeof AUDIT_NAMES

/**
 * Weighted transactions that a vault takes in ten seconds (Key Vault service limits): keys of 3072 and 4096 bits cost
 * four and eight times what the others cost. A subscription takes five times as much.
 */
export const THROTTLE_LIMITS = { hsmCreate: 10, softwareCreate: 20, hsmOther: 2000, softwareOther: 4000 } as const
export type ThrottleBucket = keyof typeof THROTTLE_LIMITS
export const SUBSCRIPTION_FACTOR = 5
export const WINDOW_MS = 10_000

export const isKeyName = (text: string): boolean => /^[0-9a-zA-Z-]{1,127}$/.test(text)
export const isVersion = (text: string): boolean => /^[0-9a-fA-F]{32}$/.test(text)

export type StoreType = 'vault' | 'managedhsm'
export type KeyIdentifier = {
  storeType: StoreType
  storeName: string
  keyName: string
  version: string | null
  /** Host as written, with its port. */
  host: string
}

const HOST =
  /^([a-z][a-z0-9-]{1,22}[a-z0-9])\.(vault|managedhsm)\.(localhost|azure\.net|azure\.cn|usgovcloudapi\.net|microsoftazure\.de)$/i
const KEY_PATH = /^\/keys\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-fA-F]{32}))?\/?$/

/** Reads `https://{store}.{vault|managedhsm}.{suffix}[:port]/keys/{name}[/{version}]`; null when the text is none. */
export function parseKeyIdentifier(uri: string): KeyIdentifier | null {
  if (!URL.canParse(uri)) return null
  const url = new URL(uri)
  const host = HOST.exec(url.hostname)
  const path = KEY_PATH.exec(url.pathname)
  if (url.protocol !== 'https:' || !host || !path || url.username || url.search || url.hash) return null
  return {
    storeType: host[2]!.toLowerCase() as StoreType,
    storeName: host[1]!,
    keyName: path[1]!,
    version: path[2]?.toLowerCase() ?? null,
    host: url.host,
  }
}

/** `https://{name}.{vault|managedhsm}.localhost:{port}` without a slash at the end; the port is left out when 443. */
export const storeOrigin = (storeType: StoreType, storeName: string, httpsPort: number): string =>
  `https://${storeName.toLowerCase()}.${storeType}.localhost${httpsPort === 443 ? '' : `:${httpsPort}`}`

/** The identifier of a key in a simulated store; without `version` it names whatever version is current. */
export function formatKeyIdentifier(
  id: { storeType: StoreType; storeName: string; keyName: string; version?: string | null },
  httpsPort: number,
): string {
  const base = `${storeOrigin(id.storeType, id.storeName, httpsPort)}/keys/${id.keyName}`
  return id.version ? `${base}/${id.version}` : base
}

export type KeyDetail = { versions: KeyBundle[]; rotationPolicy: RotationPolicy | null; nextRotationAt: Date | null }

const iso = (date: Date | null): string | null => date?.toISOString() ?? null

/** A key with all its versions (newest first) as pages show it. */
export function toKeyView(
  detail: KeyDetail,
  store: { storeType: StoreType; storeName: string },
  httpsPort: number,
): KeyView {
  const key = detail.versions[0]!
  const uri = (version?: string) => formatKeyIdentifier({ ...store, keyName: key.name, version }, httpsPort)
  return {
    ...store,
    storeId: key.storeId,
    name: key.name,
    kty: key.kty,
    keySize: key.keySize,
    curve: key.crv,
    enabled: key.enabled,
    notBefore: iso(key.notBefore),
    expires: iso(key.expires),
    createdAt: key.createdAt.toISOString(),
    currentVersion: key.version,
    versionlessUri: uri(),
    uri: uri(key.version),
    autoRotate: detail.nextRotationAt !== null,
    nextRotationAt: iso(detail.nextRotationAt),
    versions: detail.versions.map((v) => toVersionView(v, uri(v.version))),
  }
}

const toVersionView = (v: KeyBundle, uri: string): KeyVersionView => ({
  version: v.version,
  uri,
  current: v.current,
  enabled: v.enabled,
  notBefore: iso(v.notBefore),
  expires: iso(v.expires),
  createdAt: v.createdAt.toISOString(),
  updatedAt: v.updatedAt.toISOString(),
  kty: v.kty,
  keySize: v.keySize,
  curve: v.crv,
  keyOps: v.keyOps,
})

/** Retention counts days of 24 hours. */
export const addDays = (from: Date, days: number): Date => new Date(from.getTime() + days * 86_400_000)

export type StoreError = { status: number; code: string; innerCode?: string }

const UNEXPECTED: StoreError = { status: 500, code: 'InternalServerError' }

/**
 * What a key store answers for each error: the status that its audit log shows and its REST surface sends, and
 * Azure's codes. Codes that no key operation throws are 500.
 */
export const STORE_ERRORS: Record<AppErrorCode, StoreError> = {
  InvalidAuthenticationToken: { status: 401, code: 'Unauthorized' },
  AuthorizationFailed: { status: 403, code: 'Forbidden' },
  BadParameter: { status: 400, code: 'BadParameter' },
  InvalidParameterValue: { status: 400, code: 'BadParameter' },
  ResourceNotFound: { status: 404, code: 'NotFound' },
  ResourceGroupNotFound: { status: 404, code: 'NotFound' },
  Conflict: { status: 409, code: 'Conflict' },
  NameUnavailable: { status: 409, code: 'Conflict' },
  ScopeLocked: { status: 409, code: 'Conflict' },
  VaultNotFound: { status: 404, code: 'VaultNotFound' },
  HsmNotActivated: { status: 403, code: 'NotActivated' },
  KeyNotFound: { status: 404, code: 'KeyNotFound' },
  KeyDisabled: { status: 403, code: 'Forbidden', innerCode: 'KeyDisabled' },
  KeyNotYetValid: { status: 403, code: 'Forbidden', innerCode: 'KeyNotYetValid' },
  KeyExpired: { status: 403, code: 'Forbidden', innerCode: 'KeyExpired' },
  KeyOperationForbidden: { status: 403, code: 'Forbidden', innerCode: 'KeyOperationForbidden' },
  KeyTypeUnsupported: { status: 400, code: 'BadParameter' },
  KeyIsDeletedButRecoverable: { status: 409, code: 'Conflict', innerCode: 'ObjectIsDeletedButRecoverable' },
  PurgeProtected: { status: 403, code: 'Forbidden' },
  ForbiddenByRbac: { status: 403, code: 'Forbidden', innerCode: 'ForbiddenByRbac' },
  ForbiddenByPolicy: { status: 403, code: 'Forbidden', innerCode: 'ForbiddenByPolicy' },
  ForbiddenByFirewall: { status: 403, code: 'Forbidden', innerCode: 'ForbiddenByFirewall' },
  ForbiddenByConnection: { status: 403, code: 'Forbidden', innerCode: 'ForbiddenByConnection' },
  Throttled: { status: 429, code: 'Throttled' },
  PreconditionFailed: { status: 412, code: 'PreconditionFailed' },
  ServerIsBusy: UNEXPECTED,
  ServerIsNotReady: UNEXPECTED,
  IdentityNotFound: UNEXPECTED,
  CMKInvalidEncryptionParameters: UNEXPECTED,
  EnvelopeCorrupt: UNEXPECTED,
  DekUnavailable: UNEXPECTED,
  DataPlaneUnavailable: UNEXPECTED,
  SealedStorageUnusable: UNEXPECTED,
  OperationCanceled: UNEXPECTED,
}

/** Names that resultSignature of an audit record takes, by HTTP status. */
export const STATUS_NAMES: Record<number, string> = {
  200: 'OK',
  202: 'Accepted',
  204: 'No Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  412: 'Precondition Failed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
}

/** Azure's recovery level, shown with each key. */
export function recoveryLevel(store: {
  softDelete: boolean
  softDeleteDays: number
  purgeProtection: boolean
}): string {
  if (!store.softDelete) return 'Purgeable'
  const level = store.softDeleteDays < 90 ? 'CustomizedRecoverable' : 'Recoverable'
  return store.purgeProtection ? level : `${level}+Purgeable`
}
