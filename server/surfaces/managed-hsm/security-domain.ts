import { createHash, createPublicKey, type JsonWebKey, X509Certificate } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '@/server/kernel/errors'
import type { ActivationInput } from '@/server/managed-hsm/contract'
import { activateManagedHsm, beginHsmRecovery, isHsmDomainInPlace, uploadHsmDomain } from '@/server/managed-hsm/service'
import type { OwnCall } from '../keyvault/door'
import type { Answer } from '../keyvault/requests'
import { parseBody } from '../keyvault/wire'

const downloadBody = z.object({
  certificates: z.array(z.looseObject({ kty: z.string(), x5c: z.array(z.string()).nullish() })),
  required: z.number().int(),
})

const uploadBody = z.object({ value: z.string() })

/** SIMULATED: both ways are done when they are answered, so a status is asked for in vain. */
const status = (inPlace: boolean) => ({ status: inPlace ? 'Success' : 'InProgress', status_details: '' })

/** `/securitydomain/...`; null for any other path. */
export async function answerSecurityDomain(call: OwnCall): Promise<Answer | null> {
  const { ctx, storeId, options, body } = call
  switch (`${call.method} ${call.path.toLowerCase().replace(/\/$/, '')}`) {
    case 'POST /securitydomain/download': {
      const { securityDomain } = await activateManagedHsm(ctx, storeId, readDownload(body()), options)
      return { status: 202, body: { value: securityDomain } }
    }
    case 'GET /securitydomain/download/pending':
      return { status: 200, body: status(await isHsmDomainInPlace(ctx, storeId, 'download', options)) }
    case 'GET /securitydomain/upload': {
      const { exchangeCertificate } = await beginHsmRecovery(ctx, storeId, options)
      return { status: 200, body: { key_format: 'jwk', transfer_key: JSON.stringify(toJwk(exchangeCertificate)) } }
    }
    case 'POST /securitydomain/upload':
      await uploadHsmDomain(ctx, storeId, parseBody(uploadBody, body()).value, options)
      return { status: 202, body: status(true) }
    case 'GET /securitydomain/upload/pending':
      return { status: 200, body: status(await isHsmDomainInPlace(ctx, storeId, 'upload', options)) }
    default:
      return null
  }
}

function toJwk(pem: string) {
  const { raw, publicKey } = new X509Certificate(pem)
  const digest = (hash: string) => createHash(hash).update(raw).digest('base64url')
  return {
    ...publicKey.export({ format: 'jwk' }),
    kid: 'security-domain-exchange',
    alg: 'RSA-OAEP-256',
    key_ops: ['wrapKey', 'encrypt'],
    x5c: [raw.toString('base64')],
    x5t: digest('sha1'),
    'x5t#S256': digest('sha256'),
  }
}

/** Reads the holders' keys of a security domain download: the certificate of a JWK where it has one, else its numbers. */
function readDownload(body: unknown): ActivationInput {
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
