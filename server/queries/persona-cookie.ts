import 'server-only'
import { jwtVerify, SignJWT } from 'jose'
import type { Custody } from '@/server/kernel/custody'

export const PERSONA_COOKIE = 'portcullis_persona'

const AUDIENCE = 'portcullis-portal'

/** Signs whose part is being played. HS256 under a key derived from the master key, so that any portal process reads it. */
export const signPersona = (custody: Custody, tenantId: string, objectId: string): Promise<string> =>
  new SignJWT({ tid: tenantId })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(objectId)
    .setAudience(AUDIENCE)
    .sign(custody.deriveKey('session'))

/** The object id in the cookie; null when it is missing, forged, or of another tenant. */
export async function readPersona(
  custody: Custody,
  tenantId: string,
  token: string | undefined,
): Promise<string | null> {
  if (!token) return null
  try {
    const { payload } = await jwtVerify(token, custody.deriveKey('session'), {
      algorithms: ['HS256'],
      audience: AUDIENCE,
    })
    return payload.tid === tenantId ? (payload.sub ?? null) : null
  } catch {
    return null
  }
}
