/**
 * Every refusal in the product has one of these codes. Each door (actions, REST surfaces) owns one exhaustive
 * `Record<AppErrorCode, ...>`, so a new code does not compile until every door has decided what to make of it.
 */
export const APP_ERROR_CODES = [
  'AuthorizationFailed',
  'InvalidAuthenticationToken',
  'BadParameter',
  'InvalidParameterValue',
  'ResourceNotFound',
  'ResourceGroupNotFound',
  'Conflict',
  'NameUnavailable',
  'ScopeLocked',
  'ServerIsBusy',
  'ServerIsNotReady',
  'Throttled',
  'VaultNotFound',
  'HsmNotActivated',
  'KeyNotFound',
  'KeyDisabled',
  'KeyNotYetValid',
  'KeyExpired',
  'KeyOperationForbidden',
  'KeyTypeUnsupported',
  'KeyIsDeletedButRecoverable',
  'PurgeProtected',
  'ForbiddenByRbac',
  'ForbiddenByPolicy',
  'ForbiddenByFirewall',
  'ForbiddenByConnection',
  'IdentityNotFound',
  'PreconditionFailed',
  'CMKInvalidEncryptionParameters',
  'EnvelopeCorrupt',
  'DekUnavailable',
  'DataPlaneUnavailable',
  'SealedStorageUnusable',
  'OperationCanceled',
] as const
export type AppErrorCode = (typeof APP_ERROR_CODES)[number]

export type AppErrorInit = {
  /** Says what is wrong and what to do; safe for users; never holds a secret. */
  publicMessage: string
  /** Form field (dotted path) that the message belongs to. */
  field?: string
  /** Several messages at once, by dotted field path. */
  fields?: Record<string, string>
  /** The vendor's error code where there is one, when it differs from `code`. */
  vendorCode?: string
  /** When the same request may be made again. */
  retryAfterSeconds?: number
  /** For logs only. */
  internal?: string
  cause?: unknown
}

export class AppError extends Error {
  readonly code: AppErrorCode
  readonly publicMessage: string
  readonly field?: string
  readonly fields?: Record<string, string>
  readonly vendorCode?: string
  readonly retryAfterSeconds?: number
  readonly internal?: string

  constructor(code: AppErrorCode, init: AppErrorInit) {
    super(init.publicMessage, { cause: init.cause })
    this.name = 'AppError'
    this.code = code
    this.publicMessage = init.publicMessage
    this.field = init.field
    this.fields = init.fields
    this.vendorCode = init.vendorCode
    this.retryAfterSeconds = init.retryAfterSeconds
    this.internal = init.internal
  }
}

export function isAppError(error: unknown): error is AppError {
  return error instanceof AppError || (error instanceof Error && error.name === 'AppError' && 'publicMessage' in error)
}

/** Throws a programmer error: a broken invariant is a defect of ours, never of the user's input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${message}`)
}
