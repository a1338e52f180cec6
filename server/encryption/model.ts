import type { Ctx } from '@/server/kernel/context'

/** Which of a server's data keys: the one of its data, or the one of its geo-redundant backups. */
export type DekRole = 'primary' | 'geo'

/** RSA-OAEP with SHA-256: the SDK never does it locally, so that every wrap is the vault's own and in its audit log. */
export const WRAP_ALGORITHM = 'RSA-OAEP-256'

export const DEK_BYTES = 32
export const KEY_CHECK_BYTES = 8

/** What a key store says of a key version, before any use of it. */
export type KeyDescription = {
  /** Full identifier with version. */
  kid: string
  kty: string
  /** Modulus length in bits; null when the key is not RSA. */
  keySize: number | null
  enabled: boolean
  notBefore: Date | null
  expires: Date | null
}

/**
 * The only joint for keys: a store that describes, wraps and unwraps on behalf of one identity.
 * Each call throws AppError with the store's own reason (`ForbiddenByRbac`, `KeyDisabled`, `KeyNotFound`, ...).
 */
export type KeyWrapper = {
  /** @param keyUri with or without version; without, the current version is described. */
  describeKey(keyUri: string): Promise<KeyDescription>
  /** @param kid full identifier with version. @returns the identifier that the store answered with, and 256, 384 or 512 bytes. */
  wrapKey(kid: string, dek: Uint8Array): Promise<{ kid: string; wrapped: Uint8Array }>
  /** @returns the data key; the caller zeroes it. */
  unwrapKey(kid: string, wrapped: Uint8Array): Promise<Buffer>
}

/** Header of an envelope: everything but the wrapped bytes and their proofs. */
export type EnvelopeHeader = {
  serverId: string
  role: DekRole
  /** Counts up with each rewrap. */
  sequence: number
  kid: string
  algorithm: string
}

export type Envelope = EnvelopeHeader & {
  id: string
  wrappedDek: Uint8Array
  keyCheckValue: Uint8Array
  mac: Uint8Array
  createdAt: Date
  supersededAt: Date | null
}

/**
 * Opens key stores on behalf of a server's identity; null is the service itself, for service-managed keys.
 * @throws AppError `IdentityNotFound` when the identity is gone, or is another one than `principalId` (made anew under the same name).
 */
export type KeyAccess = {
  /** `external`: the stores are outside this simulation, so that only what they answer is known of them. */
  kind: 'simulated' | 'external'
  wrapperFor(ctx: Ctx, identity: { identityId: string; principalId: string | null } | null): Promise<KeyWrapper>
}

/** An envelope as plain JSON, for what is kept outside the database; bytes as base64. */
export type PortableEnvelope = Record<string, string | number | null>

const BYTES = ['wrappedDek', 'keyCheckValue', 'mac'] as const
const DATES = ['createdAt', 'supersededAt'] as const

export function toPortable(envelope: Envelope): PortableEnvelope {
  const bytes = BYTES.map((name) => [name, Buffer.from(envelope[name]).toString('base64')])
  const dates = DATES.map((name) => [name, envelope[name]?.toISOString() ?? null])
  return { ...envelope, ...Object.fromEntries([...bytes, ...dates]) } as PortableEnvelope
}

/** What was changed in it is found when it is opened. */
export function fromPortable(portable: PortableEnvelope): Envelope {
  const bytes = BYTES.map((name) => [name, Buffer.from(String(portable[name] ?? ''), 'base64')])
  const dates = DATES.map((name) => [name, portable[name] === null ? null : new Date(String(portable[name]))])
  return { ...portable, ...Object.fromEntries([...bytes, ...dates]) } as Envelope
}
