import { DateTime, Duration } from 'luxon'
import { AppError } from '@/server/kernel/errors'
import { keyName, type RotationPolicyInput, RSA_KEY_SIZES } from './contract'
import {
  type CryptoOperation,
  EC_CURVES,
  type EcCurve,
  KEY_OPERATIONS,
  type KeyBundle,
  type KeyKind,
  type KeyRequest,
  OCT_KEY_SIZES,
  type RotationLimits,
  type ThrottleBucket,
} from './model'

const bad = (publicMessage: string, field?: string) => new AppError('BadParameter', { publicMessage, field })

export type KeySpec = {
  kty: string
  keySize?: number | null
  crv?: string | null
  keyOps?: string[]
  enabled?: boolean
  notBefore?: Date | null
  expires?: Date | null
  tags?: Record<string, string>
}

export type KeyPlan = {
  kind: KeyKind
  kty: string
  keySize: number | null
  crv: EcCurve | null
  keyOps: string[]
  enabled: boolean
  notBefore: Date | null
  expires: Date | null
  tags: Record<string, string>
}

const DEFAULT_OPS: Record<KeyKind, string[]> = {
  RSA: ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'],
  EC: ['sign', 'verify'],
  oct: ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey'],
}

/**
 * Decides what key a request makes: RSA 2048 and EC P-256 when nothing else is asked for.
 * @throws AppError `BadParameter` (size, curve, operations, dates, tags), `KeyTypeUnsupported` (kty).
 */
export function planKey(name: string, spec: KeySpec, hsm: boolean): KeyPlan {
  checkKeyName(name)
  const kind = keyKind(spec.kty)
  if (kind === 'oct' && !hsm)
    throw new AppError('KeyTypeUnsupported', { publicMessage: 'Symmetric keys lie in hardware only.', field: 'kty' })
  checkWindow(spec.notBefore ?? null, spec.expires ?? null)
  return {
    kind,
    kty: hsm ? `${kind}-HSM` : kind,
    keySize: kind === 'EC' ? null : kind === 'RSA' ? rsaSize(spec.keySize ?? 2048) : octSize(spec.keySize ?? 256),
    crv: kind === 'EC' ? ecCurve(spec.crv ?? 'P-256') : null,
    keyOps: checkTransfer(checkKeyOps(spec.keyOps) ?? DEFAULT_OPS[kind], hsm ? `${kind}-HSM` : kind),
    enabled: spec.enabled ?? true,
    notBefore: spec.notBefore ?? null,
    expires: spec.expires ?? null,
    tags: checkTags(spec.tags ?? {}),
  }
}

/** @throws AppError `BadParameter` when the name is not 1 to 127 letters, digits and hyphens. */
export function checkKeyName(name: string): void {
  const parsed = keyName.safeParse(name)
  if (!parsed.success) throw bad(parsed.error.issues[0]!.message, 'name')
}

export function keyKind(kty: string): KeyKind {
  const named = kty.replace(/-HSM$/i, '').toLowerCase()
  const kind = (['RSA', 'EC', 'oct'] as const).find((k) => k.toLowerCase() === named)
  if (kind) return kind
  throw new AppError('KeyTypeUnsupported', {
    publicMessage: `The key type '${kty.slice(0, 64)}' is not supported here. Use RSA, RSA-HSM, EC, EC-HSM or oct-HSM.`,
    field: 'kty',
  })
}

function rsaSize(size: number): number {
  if ((RSA_KEY_SIZES as readonly number[]).includes(size)) return size
  throw bad(`An RSA key has ${RSA_KEY_SIZES.join(', ')} bits, not ${size}.`, 'keySize')
}

function octSize(size: number): number {
  if ((OCT_KEY_SIZES as readonly number[]).includes(size)) return size
  throw bad(`A symmetric key has ${OCT_KEY_SIZES.join(', ')} bits, not ${size}.`, 'keySize')
}

/** A key that takes in others (its one operation is `import`) lies in hardware and does nothing else. */
export function checkTransfer(keyOps: string[], kty: string): string[] {
  if (keyOps.includes('import') && (kty !== 'RSA-HSM' || keyOps.length > 1))
    throw bad("A key exchange key is of type 'RSA-HSM' and has the operation 'import' alone.", 'keyOps')
  return keyOps
}

function ecCurve(crv: string): EcCurve {
  const found = EC_CURVES.find((c) => c === crv)
  if (!found) throw bad(`The curve '${crv.slice(0, 64)}' is not known. Use one of ${EC_CURVES.join(', ')}.`, 'crv')
  return found
}

/** @throws AppError `BadParameter` naming the operation that is not one; undefined stays undefined. */
export function checkKeyOps(keyOps: string[] | undefined): string[] | undefined {
  const unknown = keyOps?.find((op) => !(KEY_OPERATIONS as readonly string[]).includes(op))
  if (unknown !== undefined) throw bad(`'${unknown.slice(0, 64)}' is not a key operation.`, 'keyOps')
  return keyOps && [...new Set(keyOps)]
}

export function checkWindow(notBefore: Date | null, expires: Date | null): void {
  if (notBefore && expires && expires <= notBefore)
    throw bad('The expiration date must be later than the activation date.', 'expires')
}

export function checkTags(tags: Record<string, string>): Record<string, string> {
  const entries = Object.entries(tags)
  if (entries.length > 15) throw bad(`A key has at most 15 tags, not ${entries.length}.`, 'tags')
  if (entries.some(([k, v]) => k.length > 256 || v.length > 256))
    throw bad('Names and values of tags have at most 256 characters.', 'tags')
  if (entries.flat().some((text) => /[\0\p{Cs}]/u.test(text)))
    throw bad('Names and values of tags are text without NUL.', 'tags')
  return tags
}

/** Operations that go on outside the validity window: what was sealed must be openable (Key Vault, key attributes). */
const ALLOWED_OUTSIDE_WINDOW: readonly CryptoOperation[] = ['decrypt', 'unwrapKey', 'verify']

/**
 * Whether a version may do an operation now: enabled for all, inside [notBefore, expires) for what protects new data,
 * and permitted by its key_ops.
 * @throws AppError `KeyDisabled`, `KeyNotYetValid`, `KeyExpired`, `KeyOperationForbidden`, in this order.
 */
export function assertOperationAllowed(
  key: Pick<KeyBundle, 'enabled' | 'notBefore' | 'expires' | 'keyOps'>,
  operation: CryptoOperation,
  now: Date,
): void {
  if (!key.enabled) throw refusal('KeyDisabled', `Operation ${operation} is not allowed on a disabled key.`)
  if (!ALLOWED_OUTSIDE_WINDOW.includes(operation)) {
    if (key.notBefore && now < key.notBefore)
      throw refusal('KeyNotYetValid', `Operation ${operation} is not allowed on a key that is not yet valid.`)
    if (key.expires && now >= key.expires)
      throw refusal('KeyExpired', `Operation ${operation} is not allowed on an expired key.`)
  }
  if (!key.keyOps.includes(operation))
    throw refusal('KeyOperationForbidden', `Operation ${operation} is not permitted on this key.`)
}

const refusal = (
  code: 'KeyDisabled' | 'KeyNotYetValid' | 'KeyExpired' | 'KeyOperationForbidden',
  publicMessage: string,
) => new AppError(code, { publicMessage })

const MINIMUM_EXPIRY_DAYS = 28
const MAXIMUM_DAYS = 36_525

function days(text: string, field: string): number {
  const duration = Duration.fromISO(text)
  if (!duration.isValid) throw bad(`'${text}' is not an ISO 8601 duration such as P90D.`, field)
  const length = duration.as('days')
  if (length > MAXIMUM_DAYS) throw bad(`${text} is longer than a hundred years.`, field)
  return length
}

/**
 * Checks a rotation policy. Lengths of months and years count as 30 and 365 days in the comparisons.
 * @throws AppError `BadParameter` with the field that is wrong.
 */
export function checkRotationPolicy(policy: RotationPolicyInput, limits: RotationLimits): void {
  const expiry = policy.expiryTime === null ? null : days(policy.expiryTime, 'expiryTime')
  if (expiry !== null && expiry < MINIMUM_EXPIRY_DAYS)
    throw bad(`The expiry time must be at least P${MINIMUM_EXPIRY_DAYS}D, not ${policy.expiryTime}.`, 'expiryTime')
  if (policy.rotate) checkRotateTrigger(policy.rotate, expiry, limits.minimumDays)
  if (policy.notifyBeforeExpiry === null) return
  if (!limits.notify) throw bad('A managed HSM sends no notices before expiry.', 'notifyBeforeExpiry')
  if (days(policy.notifyBeforeExpiry, 'notifyBeforeExpiry') < limits.minimumDays)
    throw bad(`A notice comes at least P${limits.minimumDays}D before expiry.`, 'notifyBeforeExpiry')
}

function checkRotateTrigger(
  { timeAfterCreate, timeBeforeExpiry }: NonNullable<RotationPolicyInput['rotate']>,
  expiryDays: number | null,
  minimum: number,
): void {
  if ((timeAfterCreate === null) === (timeBeforeExpiry === null))
    throw bad('A Rotate action has exactly one trigger: timeAfterCreate or timeBeforeExpiry.', 'rotate')
  if (timeAfterCreate !== null) {
    const after = days(timeAfterCreate, 'rotate.timeAfterCreate')
    if (after < minimum)
      throw bad(`Rotation is at least P${minimum}D after creation, not ${timeAfterCreate}.`, 'rotate.timeAfterCreate')
    if (expiryDays !== null && after > expiryDays - minimum)
      throw bad(`Rotation must come at least P${minimum}D before the key expires.`, 'rotate.timeAfterCreate')
    return
  }
  const before = days(timeBeforeExpiry!, 'rotate.timeBeforeExpiry')
  if (expiryDays === null) throw bad('timeBeforeExpiry needs an expiryTime.', 'expiryTime')
  if (before < 7)
    throw bad(`Rotation is at least P7D before expiry, not ${timeBeforeExpiry}.`, 'rotate.timeBeforeExpiry')
  if (before > expiryDays - minimum)
    throw bad(`Rotation must come at least P${minimum}D after creation.`, 'rotate.timeBeforeExpiry')
}

/** When the policy next makes a version, or null when it never does. May lie in the past. */
export function rotationDueAt(
  policy: RotationPolicyInput | null,
  current: Pick<KeyBundle, 'createdAt' | 'expires'>,
): Date | null {
  const trigger = policy?.rotate
  if (!trigger) return null
  if (trigger.timeAfterCreate !== null) return addDuration(current.createdAt, trigger.timeAfterCreate)
  if (trigger.timeBeforeExpiry === null || !current.expires) return null
  return utc(current.expires).minus(Duration.fromISO(trigger.timeBeforeExpiry)).toJSDate()
}

/** What a key has that never had a policy. */
export const DEFAULT_NOTICE = 'P30D'

/** When a notice before the expiry of this version is due, or null when none is. May lie in the past. */
export function noticeDueAt(
  policy: RotationPolicyInput | null,
  current: Pick<KeyBundle, 'expires' | 'storeId'>,
): Date | null {
  const before = policy ? policy.notifyBeforeExpiry : defaultNotice(current.storeId)
  if (!before || !current.expires) return null
  return utc(current.expires).minus(Duration.fromISO(before)).toJSDate()
}

/** A managed HSM sends no notices. */
const defaultNotice = (storeId: string) => (/\/managedHSMs\//i.test(storeId) ? null : DEFAULT_NOTICE)

const utc = (date: Date) => DateTime.fromJSDate(date, { zone: 'utc' })

/** Adds an ISO 8601 duration in the calendar of UTC. */
export const addDuration = (from: Date, duration: string): Date => utc(from).plus(Duration.fromISO(duration)).toJSDate()

const CREATIONS: readonly KeyRequest[] = ['create', 'import', 'rotate', 'restore', 'release']

/** What a request counts for in which of a vault's limits; a key that is not known counts like a small one. */
export function costOf(
  request: KeyRequest,
  key: { kty: string; keySize: number | null } | null,
): { bucket: ThrottleBucket; units: number } {
  const hsm = /-HSM$/i.test(key?.kty ?? '')
  if (CREATIONS.includes(request)) return { bucket: hsm ? 'hsmCreate' : 'softwareCreate', units: 1 }
  const size = /^RSA/i.test(key?.kty ?? '') ? (key?.keySize ?? 0) : 0
  return { bucket: hsm ? 'hsmOther' : 'softwareOther', units: size >= 4096 ? 8 : size >= 3072 ? 4 : 1 }
}
