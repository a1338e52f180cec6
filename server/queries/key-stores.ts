import 'server-only'
import type { Permission } from '@/server/identity/contract'
import type { Ctx } from '@/server/kernel/context'
import { AppError, isAppError } from '@/server/kernel/errors'
import type { KeyRequest } from '@/server/keys/model'
import { canOnVaultKeys, findVaultByName, vaultKeys } from '@/server/keyvault/service'
import { canOnHsmKeys, findHsmByName, hsmKeys } from '@/server/managed-hsm/service'

export type StoreRef = { type: 'vault' | 'managedhsm'; name: string }

/** The key operations that both kinds of store have; each asks its store's own rights. */
export const keysOf = (ctx: Ctx, { type, name }: StoreRef) =>
  type === 'vault' ? vaultKeys(ctx, name) : hsmKeys(ctx, name)

export type KeyOperation = Exclude<KeyRequest, 'get' | 'list' | 'listVersions' | 'getDeleted' | 'listDeleted'>

export const mayOnKeys = (ctx: Ctx, { type, name }: StoreRef, op: KeyOperation, key?: string): Promise<Permission> =>
  type === 'vault' ? canOnVaultKeys(ctx, name, op, key) : canOnHsmKeys(ctx, name, op, key)

/** @throws AppError `VaultNotFound` when there is no such live store that the person may read. */
export async function storeOf(
  ctx: Ctx,
  { type, name }: StoreRef,
): Promise<{ id: string; purgeProtection: boolean; softDelete: boolean }> {
  const found = type === 'vault' ? await findVaultByName(ctx, name) : await findHsmByName(ctx, name)
  // Only vaults from before soft delete are without it.
  if (found && !found.deletedAt) return { softDelete: true, ...found }
  throw new AppError('VaultNotFound', {
    publicMessage: `There is no ${type === 'vault' ? 'key vault' : 'managed HSM'} '${name}' that you may see.`,
  })
}

/** What a store answered to a person whom it does not let in: its code and its own text. */
export type StoreRefusal = { code: string; message: string }

/** The store's answer or its refusal; anything else is an error. */
export type Answered<T> = { data: T; refusal: null } | { data: null; refusal: StoreRefusal }

const REFUSALS = [
  'ForbiddenByRbac',
  'ForbiddenByPolicy',
  'ForbiddenByFirewall',
  'ForbiddenByConnection',
  'HsmNotActivated',
]

export async function answered<T>(question: Promise<T>): Promise<Answered<T>> {
  try {
    return { data: await question, refusal: null }
  } catch (error) {
    if (!isAppError(error) || !REFUSALS.includes(error.code)) throw error
    return { data: null, refusal: { code: error.code, message: error.publicMessage } }
  }
}

/** The store that an address names. @throws AppError `BadParameter` for a kind of store that there is not. */
export function storeRef(type: string, name: string): StoreRef {
  if (type === 'vault' || type === 'managedhsm') return { type, name }
  throw new AppError('BadParameter', { publicMessage: `There is no kind of key store '${type}'.` })
}
