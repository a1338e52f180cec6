import type { AppError, AppErrorCode } from '@/server/kernel/errors'

/** A refusal that belongs to this door alone: paths, versions, bodies. */
export class ArmError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message)
    this.name = 'ArmError'
  }
}

/** Status and code of each refusal at this door; a refusal's own vendor code goes before the code here. */
const STATUS: Record<AppErrorCode, { status: number; code: string }> = {
  AuthorizationFailed: { status: 403, code: 'AuthorizationFailed' },
  InvalidAuthenticationToken: { status: 401, code: 'InvalidAuthenticationToken' },
  BadParameter: { status: 400, code: 'BadRequest' },
  InvalidParameterValue: { status: 400, code: 'InvalidParameterValue' },
  ResourceNotFound: { status: 404, code: 'ResourceNotFound' },
  ResourceGroupNotFound: { status: 404, code: 'ResourceGroupNotFound' },
  Conflict: { status: 409, code: 'Conflict' },
  NameUnavailable: { status: 409, code: 'NameUnavailable' },
  ScopeLocked: { status: 409, code: 'ScopeLocked' },
  ServerIsBusy: { status: 409, code: 'ServerIsBusy' },
  ServerIsNotReady: { status: 409, code: 'ServerIsNotReady' },
  Throttled: { status: 429, code: 'TooManyRequests' },
  VaultNotFound: { status: 404, code: 'ResourceNotFound' },
  HsmNotActivated: { status: 409, code: 'HsmNotActivated' },
  KeyNotFound: { status: 404, code: 'KeyNotFound' },
  KeyDisabled: { status: 409, code: 'KeyDisabled' },
  KeyNotYetValid: { status: 409, code: 'KeyNotYetValid' },
  KeyExpired: { status: 409, code: 'KeyExpired' },
  KeyOperationForbidden: { status: 403, code: 'KeyOperationForbidden' },
  KeyTypeUnsupported: { status: 400, code: 'BadRequest' },
  KeyIsDeletedButRecoverable: { status: 409, code: 'ObjectIsDeletedButRecoverable' },
  PurgeProtected: { status: 405, code: 'MethodNotAllowed' },
  // What Key Vault answers to a request that came through ARM.
  ForbiddenByRbac: { status: 400, code: 'ForbiddenByRbac' },
  ForbiddenByPolicy: { status: 400, code: 'ForbiddenByPolicy' },
  ForbiddenByFirewall: { status: 400, code: 'ForbiddenByFirewall' },
  ForbiddenByConnection: { status: 400, code: 'ForbiddenByConnection' },
  IdentityNotFound: { status: 404, code: 'ResourceNotFound' },
  // A rule for customer-managed keys without a code of its own in Azure.
  PreconditionFailed: { status: 400, code: 'CMKInvalidEncryptionParameters' },
  CMKInvalidEncryptionParameters: { status: 400, code: 'CMKInvalidEncryptionParameters' },
  EnvelopeCorrupt: { status: 500, code: 'InternalServerError' },
  DekUnavailable: { status: 409, code: 'DekUnavailable' },
  DataPlaneUnavailable: { status: 503, code: 'DataPlaneUnavailable' },
  SealedStorageUnusable: { status: 500, code: 'InternalServerError' },
  OperationCanceled: { status: 409, code: 'OperationCanceled' },
}

export type ErrorBody = {
  error: {
    code: string
    message: string
    target?: string
    details?: { code: string; message: string; target: string }[]
  }
}

export const armErrorBody = (code: string, message: string): ErrorBody => ({ error: { code, message } })

/** A refusal as ARM writes it. */
export function toArmError(error: AppError): { status: number; body: ErrorBody } {
  const { status, code } = STATUS[error.code]
  const vendorCode = error.vendorCode ?? code
  const details = Object.entries(error.fields ?? {}).map(([target, message]) => ({ code: vendorCode, message, target }))
  return {
    status,
    body: {
      error: {
        code: vendorCode,
        message: error.publicMessage,
        ...(error.field ? { target: error.field } : {}),
        ...(details.length ? { details } : {}),
      },
    },
  }
}
