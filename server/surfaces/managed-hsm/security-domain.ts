import { createPublicKey, type JsonWebKey, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '@/server/kernel/errors'
import type { ActivationInput } from '@/server/managed-hsm/contract'
import { parseBody } from '../keyvault/wire'

const downloadBody = z.object({
  certificates: z.array(z.looseObject({ kty: z.string(), x5c: z.array(z.string()).nullish() })),
  required: z.number().int(),
})

/** Reads the holders' keys of a security domain download: the certificate of a JWK where it has one, else its numbers. */
export function readDownload(body: unknown): ActivationInput {
  const { certificates, required } = parseBody(downloadBody, body)
  return { publicKeys: certificates.map(toPem), quorum: required }
}

function toPem({ x5c, ...jwk }: z.infer<typeof downloadBody>['certificates'][number], index: number): string {
  try {
    const certificate = x5c?.[0]
    if (certificate) return new X509Certificate(Buffer.from(certificate, 'base64')).toString()
    return createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })
      .export({ format: 'pem', type: 'spki' })
      .toString()
  } catch {
    throw new AppError('BadParameter', { publicMessage: `Certificate ${index + 1} holds no public key.` })
  }
}
