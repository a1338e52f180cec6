import type { Ctx } from '@/server/kernel/context'
import { isUniqueViolation, transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { envelopeMac, generateDek, keyCheckValue, verifyEnvelope } from './crypto'
import { type DekRole, type Envelope, type EnvelopeHeader, type KeyWrapper, WRAP_ALGORITHM } from './model'
import * as store from './store'

type Target = { serverId: string; role: DekRole }

async function sealDek(
  dek: Uint8Array,
  header: Omit<EnvelopeHeader, 'kid' | 'algorithm'>,
  keyUri: string,
  wrapper: KeyWrapper,
  at: Date,
) {
  const described = await wrapper.describeKey(keyUri)
  const { kid, wrapped } = await wrapper.wrapKey(described.kid, dek)
  const full: EnvelopeHeader = { ...header, kid, algorithm: WRAP_ALGORITHM }
  const envelope: Envelope = {
    ...full,
    id: newId(),
    wrappedDek: wrapped,
    keyCheckValue: keyCheckValue(dek),
    mac: envelopeMac(dek, full, wrapped),
    createdAt: at,
    supersededAt: null,
  }
  return envelope
}

/**
 * Makes a server's data key and stores it wrapped; the clear key lives for this call only. May run twice: the first
 * envelope stays.
 * @returns the envelope, whose `kid` holds the version that wrapped it.
 * @throws AppError with the key store's reason.
 */
export async function protectServer(
  ctx: Ctx,
  target: Target & { keyUri: string },
  wrapper: KeyWrapper,
): Promise<Envelope> {
  const existing = await store.findEnvelope(ctx.db, target.serverId, target.role)
  if (existing) return existing
  const dek = generateDek()
  try {
    const envelope = await sealDek(
      dek,
      { serverId: target.serverId, role: target.role, sequence: 1 },
      target.keyUri,
      wrapper,
      ctx.now,
    )
    await store.insertEnvelope(ctx.db, envelope)
    return envelope
  } finally {
    dek.fill(0)
  }
}

/**
 * Unwraps a server's data key and lends it to `use`; it is zeroed when `use` ends.
 * @throws AppError with the key store's reason, `DekUnavailable` when the server has no data key, `EnvelopeCorrupt`.
 */
export async function withDek<T>(
  ctx: Ctx,
  target: Target,
  wrapper: KeyWrapper,
  use: (dek: Buffer) => Promise<T> | T,
): Promise<T> {
  const envelope = await currentEnvelope(ctx, target)
  const dek = await wrapper.unwrapKey(envelope.kid, envelope.wrappedDek)
  try {
    verifyEnvelope(dek, envelope)
    return await use(dek)
  } finally {
    dek.fill(0)
  }
}

/**
 * Wraps the same data key anew under `keyUri` (its current version when version-less); data is not touched. The old
 * envelope stays, superseded: backups taken with it need its key version. Killed anywhere, one openable envelope is current.
 * @param from unwraps the present envelope (old identity and key); `to` wraps the new one.
 */
export async function rewrapServer(
  ctx: Ctx,
  target: Target & { keyUri: string },
  from: KeyWrapper,
  to: KeyWrapper,
): Promise<Envelope> {
  const current = await currentEnvelope(ctx, target)
  const described = await to.describeKey(target.keyUri)
  if (described.kid.toLowerCase() === current.kid.toLowerCase()) return current
  const dek = await from.unwrapKey(current.kid, current.wrappedDek)
  try {
    verifyEnvelope(dek, current)
    const header = { serverId: target.serverId, role: target.role, sequence: current.sequence + 1 }
    const next = await sealDek(dek, header, target.keyUri, to, ctx.now)
    const proof = await to.unwrapKey(next.kid, next.wrappedDek)
    try {
      // The old envelope is retired only once the new one is proven to open.
      verifyEnvelope(proof, next)
    } finally {
      proof.fill(0)
    }
    await transact(ctx, async (tx) => {
      await store.insertEnvelope(tx.db, next)
      await store.supersedeEnvelope(tx.db, current.id, ctx.now)
    })
    return next
  } catch (error) {
    // Another engine rewrapped at the same moment: its envelope is as good as ours.
    if (isUniqueViolation(error)) return currentEnvelope(ctx, target)
    throw error
  } finally {
    dek.fill(0)
  }
}

/** The envelope that opens the server today. @throws AppError `DekUnavailable` when there is none. */
export async function currentEnvelope(ctx: Ctx, target: Target): Promise<Envelope> {
  const envelope = await store.findEnvelope(ctx.db, target.serverId, target.role)
  if (!envelope) {
    throw new AppError('DekUnavailable', { publicMessage: `The server has no ${target.role} data encryption key.` })
  }
  return envelope
}

/** Every envelope a server ever had, newest first within each role; wrapped bytes included, never a clear key. */
export const listServerEnvelopes = (ctx: Ctx, serverId: string): Promise<Envelope[]> =>
  store.listEnvelopes(ctx.db, { serverId })

/** Destroys a server's data keys: what they sealed can never be opened again. */
export const destroyDataKeys = (ctx: Ctx, serverId: string): Promise<void> => store.deleteEnvelopes(ctx.db, serverId)

/** The envelopes in force of many servers, without an unwrap. */
export const listCurrentEnvelopes = (ctx: Ctx, serverIds: string[]): Promise<Envelope[]> =>
  store.listCurrent(ctx.db, serverIds)

/** Takes a rewrap back: the envelope of `sequence` is in force again. */
export const revertRewrap = (ctx: Ctx, target: Target & { sequence: number }): Promise<void> =>
  transact(ctx, (tx) => store.revertTo(tx.db, target))

export { openUnderDek, sealUnderDek } from './crypto'
