import { CompactEncrypt, compactDecrypt, importX509 } from 'jose'
import { combineShares } from './shamir'

/**
 * A security domain in the form of Azure's own, as the public tools read it: the pool's secrets under a master key
 * that is split among the holders' RSA keys. Runs alike in node and in a browser.
 * SIMULATED: what Azure puts into the data is not public; here it is the pool's key under a tag of ours.
 */
export type SecurityDomain = {
  EncData: EncData
  SharedKeys: {
    /** `x5t_256`: SHA-256 of the holder's certificate, or of the bare public key where there was none. */
    enc_shares: { enc_key: string; x5t_256: string }[]
    key_algorithm: 'shamir_share'
    required: number
  }
  version: 2
}
export type EncData = { data: { compact_jwe: string; tag: string }[]; kdf: 'sp108_kdf' }

/** A security domain on its way into another pool: under a fresh master key, wrapped to that pool's exchange key. */
export type RestoreBlob = { EncData: EncData; WrappedKey: { enc_key: string; x5t_256: string } }

export type DomainData = { tag: string; plaintext: Uint8Array }[]

/** `Uint8Array` over a plain buffer, as WebCrypto's types ask for. */
const plain = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes)
const encoder = new TextEncoder()

const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '')

/** 64 bytes by SP 800-108 in counter mode with HMAC-SHA-512; the label is the tag, the context empty. */
async function dataKey(masterKey: Uint8Array, tag: string): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash: 'SHA-512' }
  const key = await crypto.subtle.importKey('raw', plain(masterKey), algorithm, false, ['sign'])
  const input = Uint8Array.of(0, 0, 0, 1, ...encoder.encode(tag), 0, 0, 0, 2, 0)
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, input))
}

export async function sealData(masterKey: Uint8Array, data: DomainData): Promise<EncData> {
  const seal = async ({ tag, plaintext }: DomainData[number]) => ({
    tag,
    compact_jwe: await new CompactEncrypt(plaintext)
      .setProtectedHeader({ alg: 'dir', enc: 'A256CBC-HS512', kid: tag })
      .encrypt(await dataKey(masterKey, tag)),
  })
  return { data: await Promise.all(data.map(seal)), kdf: 'sp108_kdf' }
}

/** @throws when the master key is not the one that it was sealed under. */
export function openData(masterKey: Uint8Array, { data }: EncData): Promise<DomainData> {
  return Promise.all(
    data.map(async ({ tag, compact_jwe }) => ({
      tag,
      plaintext: (await compactDecrypt(asCompact(compact_jwe), await dataKey(masterKey, tag))).plaintext,
    })),
  )
}

/** Some tools encode the whole JWE once more. */
const asCompact = (jwe: string): string => (jwe.includes('.') ? jwe : atob(jwe.replace(/-/g, '+').replace(/_/g, '/')))

type RsaKey = CryptoKey | Parameters<CompactEncrypt['encrypt']>[0]

export const wrapTo = (key: RsaKey, bytes: Uint8Array): Promise<string> =>
  new CompactEncrypt(bytes)
    .setProtectedHeader({ alg: 'RSA-OAEP-256', kid: 'not used', enc: 'A256CBC-HS512' })
    .encrypt(key)

export const unwrapWith = async (key: RsaKey, jwe: string): Promise<Uint8Array> =>
  (await compactDecrypt(asCompact(jwe), key)).plaintext

/** The share that is wrapped to this private key (RSA-OAEP with SHA-256), or null when none is. */
export async function findShare(domain: SecurityDomain, privateKey: CryptoKey): Promise<Uint8Array | null> {
  for (const { enc_key } of domain.SharedKeys.enc_shares) {
    const share = await unwrapWith(privateKey, enc_key).catch(() => null)
    if (share) return share
  }
  return null
}

/**
 * Opens a security domain with the shares of a quorum.
 * @throws Error when the shares are too few or not this domain's.
 */
export async function openDomain(domain: SecurityDomain, shares: Uint8Array[]): Promise<DomainData> {
  const { required } = domain.SharedKeys
  if (shares.length < required) throw new Error(`${required} holders must come together; here are ${shares.length}.`)
  const masterKey = combineShares(shares.slice(0, required))
  return openData(masterKey, domain.EncData).finally(() => masterKey.fill(0))
}

/** Wraps an opened security domain anew, for the pool whose exchange certificate (PEM) this is. */
export async function wrapForPool(data: DomainData, exchangeCertificate: string): Promise<RestoreBlob> {
  const key = await importX509(exchangeCertificate, 'RSA-OAEP-256', { extractable: true })
  const der = Uint8Array.from(atob(exchangeCertificate.replace(/-----[^-]+-----|\s/g, '')), (c) => c.charCodeAt(0))
  const masterKey = crypto.getRandomValues(new Uint8Array(32))
  const [sealed, enc_key, digest] = await Promise.all([
    sealData(masterKey, data),
    wrapTo(key, masterKey),
    crypto.subtle.digest('SHA-256', der),
  ])
  masterKey.fill(0)
  return { EncData: sealed, WrappedKey: { enc_key, x5t_256: base64url(new Uint8Array(digest)) } }
}
