import { importPKCS8 } from 'jose'
import {
  type DomainData,
  findShare,
  openDomain,
  type SecurityDomain,
  wrapForPool,
} from '@/server/managed-hsm/model/security-domain'

/** @throws Error in words for the page when the file is no security domain. */
export function readDomain(text: string): SecurityDomain {
  try {
    const domain = JSON.parse(text) as SecurityDomain
    if (domain.SharedKeys.enc_shares.length && domain.EncData.data.length && domain.SharedKeys.required >= 2)
      return domain
  } catch {
    // Said below.
  }
  throw new Error('The first file is no security domain.')
}

/** All private keys in PEM texts; one file may hold several, and other things beside them. */
const privateKeysIn = (texts: string[]): string[] =>
  texts.flatMap((text) => text.match(/-----BEGIN PRIVATE KEY-----[\s\S]+?-----END PRIVATE KEY-----/g) ?? [])

/**
 * Opens a security domain with the private keys of its holders.
 * @throws Error in words for the page: how many of the holders are there and how many it takes.
 */
export async function openWithHolders(domain: SecurityDomain, pems: string[]): Promise<DomainData> {
  const found = await Promise.all(
    privateKeysIn(pems).map(async (pem) => findShare(domain, await importPKCS8(pem, 'RSA-OAEP-256'))),
  )
  const shares = [...new Map(found.flatMap((share) => (share ? [[share.join(), share] as const] : []))).values()]
  const { required, enc_shares } = domain.SharedKeys
  if (shares.length < required)
    throw new Error(
      `The quorum is ${required} of ${enc_shares.length} holders. Of the keys given, ${shares.length} are a holder’s.`,
    )
  try {
    return await openDomain(domain, shares)
  } catch {
    throw new Error('The security domain does not open: its file was changed.')
  } finally {
    for (const share of shares) share.fill(0)
  }
}

/** @returns what is uploaded, as JSON text. */
export async function wrapFor(opened: DomainData, exchangeCertificate: string): Promise<string> {
  const blob = await wrapForPool(opened, exchangeCertificate)
  for (const { plaintext } of opened) plaintext.fill(0)
  return JSON.stringify(blob)
}
