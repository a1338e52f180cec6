import type { Ctx } from '@/server/kernel/context'
import { isUniqueViolation, transact } from '@/server/kernel/db'
import { AppError, isAppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { inParallel } from '@/server/kernel/parallel'
import { envelopeMac, generateDek, keyCheckValue, verifyEnvelope } from './crypto'
import { type DekRole, type Envelope, type EnvelopeHeader, type KeyWrapper, WRAP_ALGORITHM } from './model'
import * as store from './store'

type Target = { serverId: string; role: DekRole }

async function wrapDek(
  dek: Uint8Array,
  header: Omit<EnvelopeHeader, 'kid' | 'algorithm'>,
  version: string,
  wrapper: KeyWrapper,
  at: Date,
): Promise<Envelope> {
  const { kid, wrapped } = await wrapper.wrapKey(version, dek)
  const full: EnvelopeHeader = { ...header, kid, algorithm: WRAP_ALGORITHM }
  return {
    ...full,
    id: newId(),
    wrappedDek: wrapped,
    keyCheckValue: keyCheckValue(dek),
    mac: envelopeMac(dek, full, wrapped),
    createdAt: at,
    supersededAt: null,
  }
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
    const { kid } = await wrapper.describeKey(target.keyUri)
    const header = { serverId: target.serverId, role: target.role, sequence: 1 }
    const envelope = await wrapDek(dek, header, kid, wrapper, ctx.now)
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
  return withEnvelope(await currentEnvelope(ctx, target), wrapper, use)
}

/** `withDek` for an envelope that is at hand. */
export async function withEnvelope<T>(
  envelope: Envelope,
  wrapper: KeyWrapper,
  use: (dek: Buffer) => Promise<T> | T,
): Promise<T> {
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
  const next = await wrapAnew(ctx, current, described.kid, from, to)
  try {
    await transact(ctx, async (tx) => {
      await store.insertEnvelope(tx.db, next)
      await store.supersedeEnvelopes(tx.db, [current.id], ctx.now)
    })
    return next
  } catch (error) {
    // Another engine rewrapped at the same moment: this one starts again from there.
    if (isUniqueViolation(error)) return rewrapServer(ctx, target, from, to)
    throw error
  }
}

/** The same data key in a new envelope, proven to open before anything relies on it. Nothing is stored. */
async function wrapAnew(ctx: Ctx, current: Envelope, kid: string, from: KeyWrapper, to: KeyWrapper): Promise<Envelope> {
  const { serverId, role } = current
  const next = await withEnvelope(current, from, (dek) =>
    wrapDek(dek, { serverId, role, sequence: current.sequence + 1 }, kid, to, ctx.now),
  )
  await withEnvelope(next, to, () => undefined)
  return next
}

export type RewrapOutcome = {
  rewrapped: Envelope[]
  failed: { serverId: string; role: DekRole; code: string; message: string }[]
}

/**
 * Wraps many data keys anew under the key version `kid`, a few at a time; data is not touched. Each call commits what it
 * did in one transaction together with `record`, so that a crash leaves every server openable and every count exact.
 * @param options.admit locks the servers and says which of them may be changed; the others stay as they are.
 */
export async function rewrapMany(
  ctx: Ctx,
  current: Envelope[],
  options: {
    kid: string
    wrapper: KeyWrapper
    concurrency: number
    admit(tx: Ctx, serverIds: string[]): Promise<Set<string>>
    record(tx: Ctx, outcome: RewrapOutcome): Promise<void>
  },
): Promise<void> {
  const done: { from: Envelope; next: Envelope }[] = []
  const failed: RewrapOutcome['failed'] = []
  await inParallel(current, options.concurrency, async (from) => {
    try {
      done.push({ from, next: await wrapAnew(ctx, from, options.kid, options.wrapper, options.wrapper) })
    } catch (error) {
      if (!isAppError(error)) throw error
      failed.push({ serverId: from.serverId, role: from.role, code: error.code, message: error.publicMessage })
    }
  })
  await transact(ctx, async (tx) => {
    const admitted = await options.admit(
      tx,
      done.map(({ from }) => from.serverId),
    )
    const allowed = done.filter(({ from }) => admitted.has(from.serverId))
    const retired = new Set(
      await store.supersedeEnvelopes(
        tx.db,
        allowed.map(({ from }) => from.id),
        ctx.now,
      ),
    )
    const rewrapped = allowed.filter(({ from }) => retired.has(from.id)).map(({ next }) => next)
    await store.insertEnvelopes(tx.db, rewrapped)
    await options.record(tx, { rewrapped, failed })
  })
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
