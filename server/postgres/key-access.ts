import type { Envelope, KeyAccess, KeyDescription, KeyWrapper } from '@/server/encryption/model'
import { currentEnvelope, openUnderDek, withEnvelope } from '@/server/encryption/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError, isAppError } from '@/server/kernel/errors'
import { parseKeyIdentifier } from '@/server/keys/model'
import { diagnose } from './key-access-evidence'
import {
  ADMINISTRATOR_SEAL,
  CAUSES,
  type KeyAccessCause,
  type KeyAccessVerdict,
  type KeyUse,
  keyUses,
  type ServerRecord,
} from './model'
import { attributeProblem, causeOf } from './rules'

type Broken = Extract<KeyAccessVerdict, { accessible: false }>

/** What the checks of one sweep share: a client for each identity, and what was read of each key. */
export type Probing = {
  ctx: Ctx
  keyAccess: KeyAccess
  wrapperFor(identity: KeyUse['identity']): Promise<KeyWrapper>
  /** Reads a key at most once for each identity; version-less identifiers lead to the current version. */
  describe(identity: KeyUse['identity'], keyUri: string): Promise<KeyDescription>
  /** The next instant at which one of the keys read becomes active or expires. */
  nextDate(): Date | null
}

export function startProbing(ctx: Ctx, keyAccess: KeyAccess): Probing {
  const wrappers = new Map<string, Promise<KeyWrapper>>()
  const keys = new Map<string, Promise<KeyDescription>>()
  let nextDate: Date | null = null
  const nameOf = (identity: KeyUse['identity']) => `${identity?.identityId ?? 'service'}|${identity?.principalId}`
  const once = <T>(known: Map<string, Promise<T>>, name: string, make: () => Promise<T>): Promise<T> => {
    const value = known.get(name) ?? make()
    known.set(name, value)
    // Whoever awaits it hears of the failure; nobody may have started to.
    value.catch(() => undefined)
    return value
  }
  const wrapperFor = (identity: KeyUse['identity']) =>
    once(wrappers, nameOf(identity), () => keyAccess.wrapperFor(ctx, identity))
  return {
    ctx,
    keyAccess,
    wrapperFor,
    nextDate: () => nextDate,
    describe: (identity, keyUri) =>
      once(keys, `${nameOf(identity)}|${keyUri.toLowerCase()}`, async () => {
        const described = await (await wrapperFor(identity)).describeKey(keyUri)
        for (const date of [described.notBefore, described.expires])
          if (date && date > ctx.now && (!nextDate || date < nextDate)) nextDate = date
        keys.set(`${nameOf(identity)}|${described.kid.toLowerCase()}`, Promise.resolve(described))
        return described
      }),
  }
}

/** A server's envelope in one role, and what else its data key has to open. */
export type Sample = { serverId: string; envelope: Envelope | null; sealedVerifier: Uint8Array | null }

/** A verdict, or that the key store was too busy to give one. */
export type ProbeResult = KeyAccessVerdict | { throttled: true; retryAfterSeconds: number }

/**
 * Tests access to one key with what a server itself would need, link by link: identity, store, network, permission, key,
 * version, enabled, dates, type, and a real unwrap that must open what the data key sealed.
 * @returns the verdict with the first broken link, `{server}` in its message standing for the server's name; `since` is now.
 */
export async function probeUse(probing: Probing, use: KeyUse, sample: Sample): Promise<ProbeResult> {
  const { ctx } = probing
  const { envelope } = sample
  if (!envelope) return broken(ctx, use, 'EnvelopeCorrupt', use.keyUri, { answer: 'The server has no data key.' })
  const { kid } = envelope
  let check = 'identity'
  try {
    const wrapper = await probing.wrapperFor(use.identity)
    check = 'read the key'
    const described = await probing.describe(use.identity, kid)
    const problem = attributeProblem(described, ctx.now)
    if (problem) return await named(probing, use, problem, kid, { check, ...validityEvidence(described) })
    check = 'unwrap the data key'
    await withEnvelope(envelope, wrapper, (dek) => {
      if (use.role === 'primary' && sample.sealedVerifier)
        openUnderDek(dek, ADMINISTRATOR_SEAL, sample.serverId, sample.sealedVerifier).fill(0)
    })
    return { accessible: true, kid }
  } catch (error) {
    if (!isAppError(error)) throw error
    if (error.code === 'Throttled') return { throttled: true, retryAfterSeconds: retryAfter(error) }
    return named(probing, use, causeOf(error.code), kid, { check, answer: firstLine(error.publicMessage) })
  }
}

const DEFAULT_RETRY_SECONDS = 60
const retryAfter = (error: AppError): number => error.retryAfterSeconds ?? DEFAULT_RETRY_SECONDS

/** The verdict with all that can be found out about its cause. */
async function named(
  probing: Probing,
  use: KeyUse,
  cause: KeyAccessCause,
  kid: string,
  seen: Record<string, string>,
): Promise<Broken> {
  const { ctx, keyAccess } = probing
  if (keyAccess.kind === 'external') return broken(ctx, use, cause, kid, seen)
  const found = await diagnose(ctx, use, cause, kid)
  return broken(ctx, use, found.cause, kid, { ...seen, ...found.evidence })
}

function broken(ctx: Ctx, use: KeyUse, cause: KeyAccessCause, kid: string, more: Record<string, string>): Broken {
  const id = parseKeyIdentifier(kid)
  const evidence: Record<string, string> = {
    ...(id ? { keyStore: id.storeName, key: id.keyName, version: id.version ?? 'current' } : { key: kid }),
    ...(use.identity ? { identity: use.identity.identityId } : {}),
    ...(use.identity?.principalId ? { principalId: use.identity.principalId } : {}),
    ...more,
  }
  const { title, link } = CAUSES[cause]
  const which = use.role === 'geo' ? 'the geo-redundant backup of ' : ''
  return {
    accessible: false,
    cause,
    broken: link,
    role: use.role,
    message: `${title}: ${which}{server} cannot unwrap its data encryption key.`,
    evidence,
    since: ctx.now.toISOString(),
  }
}

function validityEvidence(key: KeyDescription): Record<string, string> {
  return {
    enabled: String(key.enabled),
    keyType: key.kty,
    ...(key.notBefore ? { activeFrom: key.notBefore.toISOString() } : {}),
    ...(key.expires ? { expires: key.expires.toISOString() } : {}),
  }
}

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0]!.slice(0, 300)

/**
 * Tests all keys of one server, as `probeUse` does.
 * @throws AppError `Throttled` when the key store gave no answer for now.
 */
export async function probeServer(ctx: Ctx, keyAccess: KeyAccess, server: ServerRecord): Promise<KeyAccessVerdict> {
  const probing = startProbing(ctx, keyAccess)
  let kid = ''
  for (const use of keyUses(server)) {
    const envelope = await currentEnvelope(ctx, { serverId: server.id, role: use.role })
    const result = await probeUse(probing, use, {
      serverId: server.id,
      envelope,
      sealedVerifier: server.sealedVerifier,
    })
    if ('throttled' in result) throw busyStore(result.retryAfterSeconds)
    if (!result.accessible) return { ...result, message: result.message.replace('{server}', server.name) }
    if (use.role === 'primary') kid = result.kid
  }
  return { accessible: true, kid }
}

/** What whoever waits for a verdict is told while the key store gives none. */
export const busyStore = (retryAfterSeconds: number): AppError =>
  new AppError('Throttled', {
    publicMessage: `The key store answers no more requests for now. Try again in ${retryAfterSeconds} seconds.`,
    retryAfterSeconds,
  })
