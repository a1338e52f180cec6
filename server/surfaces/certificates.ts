// The certificate library's dependency injection looks for it when it is loaded.
import 'reflect-metadata'
import { createPrivateKey, randomBytes, webcrypto } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { realNowMs } from '@/server/kernel/time'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000
const CA_DAYS = 3650
const LEAF_DAYS = 90
/** A certificate with less than this left is replaced. */
const RENEW_DAYS = 30
/** Clients whose clock is a little behind ours must not find a certificate from the future. */
const BACKDATED_DAYS = 1

/** Node takes no wildcard right below a top-level name for valid, so those hosts are named one by one as well. */
const HOSTS = ['localhost', 'login.localhost', 'management.localhost', 'control.localhost']
const WILDCARDS = ['*.localhost', '*.vault.localhost', '*.managedhsm.localhost', '*.postgres.localhost']

const NAMES: x509.JsonGeneralNames = [
  ...[...HOSTS, ...WILDCARDS].map((value) => ({ type: 'dns' as const, value })),
  ...['127.0.0.1', '::1'].map((value) => ({ type: 'ip' as const, value })),
]

const crypto = webcrypto as Crypto
x509.cryptoProvider.set(crypto)

export type ServerCertificate = { cert: string; key: string }
type Authority = { certificate: x509.X509Certificate; pem: string; privateKey: CryptoKey }

/** Where clients find the certificate that they must trust. */
export const caFile = (dataDir: string): string => join(dataDir, 'ca.pem')
const caKeyFile = (dataDir: string): string => join(dataDir, 'ca.key')

/**
 * Issues a certificate for the local host names, signed by the data folder's own authority (`ca.pem`, and `ca.key` of
 * mode 0600), which is made at first use and again when it nears its end. Real time counts: clients judge by it.
 * @returns the chain and the private key as PEM; the key lives in memory only.
 */
export async function issueServerCertificate(dataDir: string): Promise<ServerCertificate> {
  const authority = await loadAuthority(dataDir)
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.create({
    subject: 'CN=Portcullis local services',
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    ...validity(LEAF_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(NAMES),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate.publicKey),
    ],
  })
  return { cert: `${certificate.toString('pem')}\n${authority.pem}`, key: await toPem(keys.privateKey) }
}

/** Whether a certificate (PEM) should be replaced, judged by real time. */
export function isNearExpiry(pem: string): boolean {
  return new x509.X509Certificate(pem).notAfter.getTime() - realNowMs() < RENEW_DAYS * DAY_MS
}

const generateKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

async function toPem(key: CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}

const validity = (days: number) => ({
  serialNumber: randomBytes(16).toString('hex'),
  notBefore: new Date(realNowMs() - BACKDATED_DAYS * DAY_MS),
  notAfter: new Date(realNowMs() + days * DAY_MS),
  signingAlgorithm: ALGORITHM,
})

async function loadAuthority(dataDir: string): Promise<Authority> {
  const stored = await readAuthority(dataDir)
  if (stored && !isNearExpiry(stored.pem)) return stored
  await writeAuthority(dataDir, stored !== null)
  const made = await readAuthority(dataDir)
  if (!made) throw new Error(`The certificate authority in ${dataDir} cannot be read.`)
  return made
}

/** The authority as it lies in the folder; null when a part is missing. */
async function readAuthority(dataDir: string): Promise<Authority | null> {
  if (!existsSync(caKeyFile(dataDir))) return null
  // One file has both halves, so that a key never meets another authority's certificate.
  const text = readFileSync(caKeyFile(dataDir), 'utf8')
  const pem = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/.exec(text)?.[0]
  if (!pem) return null
  if (!existsSync(caFile(dataDir)) || readFileSync(caFile(dataDir), 'utf8').trim() !== pem) publish(dataDir, pem)
  const der = createPrivateKey(text).export({ format: 'der', type: 'pkcs8' })
  const privateKey = await crypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign'])
  return { certificate: new x509.X509Certificate(pem), pem, privateKey }
}

/** Replaced in one step: whoever reads it gets a whole certificate. */
function publish(dataDir: string, pem: string): void {
  const draft = `${caFile(dataDir)}.${process.pid}`
  writeFileSync(draft, `${pem}\n`)
  renameSync(draft, caFile(dataDir))
}

async function writeAuthority(dataDir: string, replace: boolean): Promise<void> {
  const keys = await generateKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Portcullis local CA (simulation), O=Portcullis',
    keys,
    ...validity(CA_DAYS),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  mkdirSync(dataDir, { recursive: true })
  const draft = `${caKeyFile(dataDir)}.${process.pid}`
  writeFileSync(draft, `${await toPem(keys.privateKey)}\n${certificate.toString('pem')}\n`, { mode: 0o600 })
  if (replace) return renameSync(draft, caKeyFile(dataDir))
  try {
    // Several engines may start on one folder: the first to link its file wins, and all use that one.
    linkSync(draft, caKeyFile(dataDir))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
}
