import { newId } from '@/server/kernel/ids'

type EntraFailure = {
  /** AADSTS number. */
  number: number
  /** OAuth error code. */
  error: string
  status: number
  text: string
}

/** A refusal of the token service, in Entra's words. Never holds a secret. */
export class EntraError extends Error {
  constructor(readonly failure: EntraFailure) {
    super(`AADSTS${failure.number}: ${failure.text}`)
    this.name = 'EntraError'
  }
}

const fail =
  (number: number, error: string, status: number, text: (value: string) => string) =>
  (value = ''): EntraError =>
    new EntraError({ number, error, status, text: text(value) })

/** Entra's error numbers that this surface gives, with its texts. */
export const entraErrors = {
  badSecret: fail(
    7000215,
    'invalid_client',
    401,
    (app) =>
      `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${app}'.`,
  ),
  secretMissing: fail(
    7000216,
    'invalid_client',
    401,
    () => "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
  ),
  unknownApp: fail(
    700016,
    'unauthorized_client',
    400,
    (app) =>
      `Application with identifier '${app}' was not found in the directory. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`,
  ),
  unknownTenant: fail(
    90002,
    'invalid_request',
    400,
    (tenant) =>
      `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`,
  ),
  unknownResource: fail(
    500011,
    'invalid_resource',
    400,
    (resource) =>
      `The resource principal named ${resource} was not found in the tenant. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`,
  ),
  badScope: fail(
    1002012,
    'invalid_scope',
    400,
    (scope) =>
      `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`,
  ),
  parameterMissing: fail(
    900144,
    'invalid_request',
    400,
    (name) => `The request body must contain the following parameter: '${name}'.`,
  ),
  unsupportedGrant: fail(
    70003,
    'unsupported_grant_type',
    400,
    // SIMULATED: people have no passwords here, and there is no page that hands codes to an application.
    (grant) =>
      `The app requested an unsupported grant type '${grant}'. Applications sign in by a secret, people by a device code.`,
  ),
  authorizationPending: fail(
    70016,
    'authorization_pending',
    400,
    () => 'OAuth 2.0 device flow error. Authorization is pending. Continue polling.',
  ),
  authorizationDeclined: fail(
    65004,
    'authorization_declined',
    400,
    () => 'User declined to consent to access the app.',
  ),
  deviceCodeExpired: fail(70019, 'expired_token', 400, () => 'Verification code expired. Please try signing in again.'),
  badDeviceCode: fail(
    70018,
    'bad_verification_code',
    400,
    () => 'Invalid verification code: the device code is unknown, or was used already.',
  ),
  badRefreshToken: fail(
    70000,
    'invalid_grant',
    400,
    () => 'The refresh token is malformed, has expired or belongs to another application. Please sign in again.',
  ),
  unavailable: fail(90033, 'temporarily_unavailable', 503, () => 'A transient error has occurred. Please try again.'),
}

/** Entra's error body. `now` is the machine's time, which is what clients compare it with. */
export function entraErrorResponse(error: EntraError, base: string, now: Date, correlationId?: string): Response {
  const { number, error: code, status } = error.failure
  const timestamp = `${now.toISOString().slice(0, 19).replace('T', ' ')}Z`
  const traceId = newId()
  const correlation = correlationId ?? newId()
  return Response.json(
    {
      error: code,
      error_description: `${error.message} Trace ID: ${traceId} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
      error_codes: [number],
      timestamp,
      trace_id: traceId,
      correlation_id: correlation,
      error_uri: `${base}/error?code=${number}`,
    },
    { status, headers: NO_STORE },
  )
}

export const NO_STORE = { 'Cache-Control': 'no-store, no-cache', Pragma: 'no-cache' }
