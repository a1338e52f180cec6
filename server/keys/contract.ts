import { z } from 'zod'

/** Key name: 1 to 127 letters, digits and hyphens (Azure Key Vault object identifiers). */
export const keyName = z
  .string()
  .min(1, 'Give the key a name.')
  .max(127, 'A key name has at most 127 characters.')
  .regex(/^[0-9a-zA-Z-]+$/, 'A key name has only letters, digits and hyphens.')

export const RSA_KEY_SIZES = [2048, 3072, 4096] as const

/** A key as lists and pickers show it; attributes are those of the current version. */
export type KeyView = {
  storeId: string
  storeName: string
  storeType: 'vault' | 'managedhsm'
  name: string
  /** `RSA`, `RSA-HSM`, `EC`, `EC-HSM`, `oct-HSM`. */
  kty: string
  keySize: number | null
  curve: string | null
  enabled: boolean
  notBefore: string | null
  expires: string | null
  createdAt: string
  currentVersion: string
  /** Identifier without version. */
  versionlessUri: string
  /** Identifier with the current version. */
  uri: string
  autoRotate: boolean
  nextRotationAt: string | null
  versions: KeyVersionView[]
}

export type KeyVersionView = {
  version: string
  uri: string
  current: boolean
  enabled: boolean
  notBefore: string | null
  expires: string | null
  createdAt: string
  updatedAt: string
  kty: string
  keySize: number | null
  curve: string | null
  keyOps: string[]
}

/** A rotation policy in Key Vault's terms: ISO 8601 durations. */
export const rotationPolicyInput = z.object({
  /** Expiry that each new version gets; at least P28D. */
  expiryTime: z.string().nullable(),
  rotate: z.object({ timeAfterCreate: z.string().nullable(), timeBeforeExpiry: z.string().nullable() }).nullable(),
  notifyBeforeExpiry: z.string().nullable(),
})
export type RotationPolicyInput = z.infer<typeof rotationPolicyInput>
