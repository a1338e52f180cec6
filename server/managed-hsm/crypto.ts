// The certificate library's dependency injection looks for it when it is loaded.
import 'reflect-metadata'
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  randomBytes,
  randomInt,
  webcrypto,
  X509Certificate,
} from 'node:crypto'
import * as x509 from '@peculiar/x509'
import { z } from 'zod'
import { AppError } from '@/server/kernel/errors'
import { type DomainData, openData, type SecurityDomain, sealData, unwrapWith, wrapTo } from './model/security-domain'
import { splitSecret } from './model/shamir'

/** The one secret of a pool that its security domain holds: what backups of the pool are sealed under. 32 bytes. */
const POOL_KEY_TAG = 'portcullis-pool-key'
const POOL_KEY_BYTES = 32

const bad = (publicMessage: string, field = 'publicKeys') => new AppError('BadParameter', { publicMessage, field })

export type Holder = { key: KeyObject /** SHA-256 of the certificate or bare public key, base64url. */; x5t: string }

/**
 * Reads the holders' RSA public keys from PEM (certificates or public keys).
 * @throws AppError `BadParameter` for what is none, is not RSA, is shorter than 2048 bits, or comes twice.
 */
export function readHolders(pems: string[]): Holder[] {
  const holders = pems.map(readHolder)
  const distinct = new Set(holders.map(({ key }) => key.export({ format: 'der', type: 'spki' }).toString('base64')))
  if (distinct.size < holders.length) throw bad('Each holder needs a key of their own: the same key was given twice.')
  return holders
}

function readHolder(pem: string, index: number): Holder {
  if (/PRIVATE KEY/.test(pem)) throw bad(`Key ${index + 1} is a private key. Give the public key only.`)
  let key: KeyObject
  let der: Buffer
  try {
    const certificate = /BEGIN CERTIFICATE/.test(pem) ? new X509Certificate(pem) : null
    key = certificate?.publicKey ?? createPublicKey(pem)
    der = certificate?.raw ?? key.export({ format: 'der', type: 'spki' })
  } catch {
    throw bad(`Key ${index + 1} is neither a certificate nor a public key in PEM form.`)
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0
  if (key.asymmetricKeyType !== 'rsa') throw bad(`Key ${index + 1} is of type ${key.asymmetricKeyType}, not RSA.`)
  if (bits < 2048) throw bad(`Key ${index + 1} has ${bits} bits; at least 2048 are needed.`)
  return { key, x5t: createHash('sha256').update(der).digest('base64url') }
}

export const newPoolKey = (): Buffer => randomBytes(POOL_KEY_BYTES)

/** Names a security domain without telling its key: pools of the same domain restore each other's backups. */
export const domainIdOf = (poolKey: Uint8Array): string =>
  createHmac('sha256', poolKey).update('security domain id').digest('hex').slice(0, 32)

/** Seals the pool's key so that any `required` of the holders, with their private keys, can open it, and no fewer. */
export async function makeSecurityDomain(
  holders: Holder[],
  required: number,
  poolKey: Uint8Array,
): Promise<SecurityDomain> {
  const masterKey = randomBytes(32)
  const shares = splitSecret(masterKey, { shares: holders.length, required }, (limit) => randomInt(limit))
  try {
    const wrap = async ({ key, x5t }: Holder, i: number) => ({ enc_key: await wrapTo(key, shares[i]!), x5t_256: x5t })
    return {
      EncData: await sealData(masterKey, [{ tag: POOL_KEY_TAG, plaintext: poolKey }]),
      SharedKeys: {
        enc_shares: await Promise.all(holders.map(wrap)),
        key_algorithm: 'shamir_share',
        required,
      },
      version: 2,
    }
  } finally {
    for (const secret of [masterKey, ...shares]) secret.fill(0)
  }
}

const restoreBlob = z.object({
  EncData: z.object({
    data: z.array(z.object({ compact_jwe: z.string(), tag: z.string() })),
    kdf: z.literal('sp108_kdf'),
  }),
  WrappedKey: z.object({ enc_key: z.string() }),
})

/**
 * The pool's key from a security domain that was wrapped to our exchange key.
 * @param exchangeKey PKCS#8 DER.
 * @throws AppError `BadParameter` when it is none, or was wrapped to another key.
 */
export async function openRestoreBlob(text: string, exchangeKey: Buffer): Promise<Buffer> {
  try {
    const { EncData, WrappedKey } = restoreBlob.parse(JSON.parse(text))
    const privateKey = createPrivateKey({ key: exchangeKey, format: 'der', type: 'pkcs8' })
    // The JOSE library takes node's own keys as well.
    const masterKey = await unwrapWith(privateKey as unknown as CryptoKey, WrappedKey.enc_key)
    const data: DomainData = await openData(masterKey, EncData)
    const found = data.find((d) => d.tag === POOL_KEY_TAG)
    if (found?.plaintext.length !== POOL_KEY_BYTES) throw new Error('no pool key')
    return Buffer.from(found.plaintext)
  } catch (cause) {
    throw new AppError('BadParameter', {
      publicMessage:
        'The value is no security domain of a pool, or it was not wrapped to the exchange key of this pool.',
      field: 'value',
      cause,
    })
  }
}

const EXCHANGE_ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
}

export type ExchangeKey = { /** PEM. */ certificate: string /** PKCS#8 DER. */; pkcs8: Buffer }

/** Makes the key pair to which a security domain is wrapped on its way into a pool, with a certificate of its own. */
export async function makeExchangeKey(hsmName: string, now: Date): Promise<ExchangeKey> {
  const provider = webcrypto as Crypto
  const keys = await provider.subtle.generateKey(EXCHANGE_ALGORITHM, true, ['sign', 'verify'])
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: `CN=${hsmName} security domain exchange`,
      keys,
      serialNumber: randomBytes(16).toString('hex'),
      notBefore: now,
      notAfter: new Date(now.getTime() + 365 * 86_400_000),
      signingAlgorithm: EXCHANGE_ALGORITHM,
    },
    provider,
  )
  return {
    certificate: made.toString('pem'),
    pkcs8: Buffer.from(await provider.subtle.exportKey('pkcs8', keys.privateKey)),
  }
}
