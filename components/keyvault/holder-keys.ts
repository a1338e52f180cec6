// The certificate library's dependency injection looks for it when it is loaded.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

/** A holder's key pair for practice. The private key is in `href`, which leads to this page's memory alone. */
export type HolderKey = { certificate: string; fileName: string; href: string }

const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
}

/** Makes RSA keys with certificates for holders in this browser; the private keys are sent nowhere. */
export const makeHolderKeys = (hsmName: string, count: number): Promise<HolderKey[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => makeHolderKey(`${hsmName}-holder-${i + 1}`)))

async function makeHolderKey(name: string): Promise<HolderKey> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const [certificate, privateKey] = await Promise.all([
    x509.X509CertificateGenerator.createSelfSigned({ name: `CN=${name}`, keys, signingAlgorithm: ALGORITHM }, crypto),
    crypto.subtle.exportKey('pkcs8', keys.privateKey),
  ])
  const pem = x509.PemConverter.encode(privateKey, 'PRIVATE KEY')
  const href = URL.createObjectURL(new Blob([`${pem}\n`], { type: 'application/x-pem-file' }))
  return { certificate: certificate.toString('pem'), fileName: `${name}.pem`, href }
}
