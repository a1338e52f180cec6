import { AppError } from '@/server/kernel/errors'
import { type PrivateHalf, runKeyJob } from './crypto-pool'
import type { EcCurve, PublicJwk } from './model'

/** Signature algorithms of elliptic curves: each belongs to one curve and one length of digest. */
export const EC_SIGNATURES: Record<string, { crv: EcCurve; digestBytes: number; fieldBytes: number }> = {
  ES256: { crv: 'P-256', digestBytes: 32, fieldBytes: 32 },
  ES256K: { crv: 'P-256K', digestBytes: 32, fieldBytes: 32 },
  ES384: { crv: 'P-384', digestBytes: 48, fieldBytes: 48 },
  ES512: { crv: 'P-521', digestBytes: 64, fieldBytes: 66 },
}

type EcFacts = { crv: string | null; publicJwk: PublicJwk }

function algorithm({ crv }: EcFacts, alg: string, digest: Uint8Array) {
  const found = EC_SIGNATURES[alg]!
  const bad = (publicMessage: string, field: string) => new AppError('BadParameter', { publicMessage, field })
  if (found.crv !== crv)
    throw bad(
      `Key and signing algorithm are incompatible. The key is on the curve '${crv}', and algorithm '${alg}' can only be used with the curve '${found.crv}'.`,
      'alg',
    )
  if (digest.length !== found.digestBytes)
    throw bad(
      `Invalid value: ${alg} with this key takes a digest of ${found.digestBytes} bytes, not ${digest.length}.`,
      'value',
    )
  return { ...found, crv }
}

/**
 * Signs a digest off the event loop; the signature is r and s, each as wide as the field (RFC 7518, 3.4).
 * @throws AppError `BadParameter` (curve, digest length).
 */
export async function signEc(key: EcFacts, pkcs8: PrivateHalf, alg: string, digest: Uint8Array): Promise<Buffer> {
  const { crv } = algorithm(key, alg, digest)
  const signature = await runKeyJob({ kind: 'ec-sign', crv, pkcs8, input: digest })
  if (!signature) throw new Error('the private key does not sign')
  return signature
}

/** Whether the signature is the key's own over this digest. Errors as `signEc`; a malformed signature is false. */
export async function verifyEc(key: EcFacts, alg: string, digest: Uint8Array, signature: Uint8Array): Promise<boolean> {
  const { crv, fieldBytes } = algorithm(key, alg, digest)
  if (signature.length !== 2 * fieldBytes) return false
  const part = (text?: string) => Buffer.from(text ?? '', 'base64url')
  const point = Buffer.concat([Buffer.from([4]), part(key.publicJwk.x), part(key.publicJwk.y)])
  const answer = await runKeyJob({ kind: 'ec-verify', crv, point, input: digest, signature })
  return answer?.[0] === 1
}
