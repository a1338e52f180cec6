import type { TokenConfig } from '@/server/kernel/config'
import { AppError } from '@/server/kernel/errors'
import { parseResourceId, RESOURCE_TYPES, sameId } from '@/server/kernel/resource-id'
import type { PrivateHalf } from '../crypto-pool'
import { openToken, readReference, type Token } from '../token'

// Next loads a module more than once in a process: only the global object is shared by all copies.
const shared = globalThis as typeof globalThis & { portcullisToken?: Token }

/** Opens the token that holds the private halves of this process's managed HSMs; once, at the process's start. */
export function startToken(config: TokenConfig | null | undefined): void {
  if (config) shared.portcullisToken ??= openToken(config)
}

/** Where the private half of a new key goes: into the token if there is one and the key is an HSM's. */
export const tokenOf = (storeId: string): Token | null =>
  sameId(parseResourceId(storeId)?.type ?? '', RESOURCE_TYPES.managedHsm) ? (shared.portcullisToken ?? null) : null

/** A private half as it was kept, ready for use. @throws Error when it lies in a token that this process has not opened. */
export function toPrivateHalf(kept: Buffer): PrivateHalf {
  const id = readReference(kept)
  if (!id) return kept
  if (!shared.portcullisToken) throw new Error('The key lies in a token, and PORTCULLIS_PKCS11_MODULE is not set.')
  return shared.portcullisToken.key(id)
}

/** The bytes of a private half, for what cannot be done in a token. @throws AppError `KeyOperationForbidden`. */
export function bytesOf(half: PrivateHalf): Buffer {
  if (half instanceof Uint8Array) return half as Buffer
  throw new AppError('KeyOperationForbidden', {
    publicMessage: 'The private half of this key lies in a hardware token and cannot leave it.',
  })
}
