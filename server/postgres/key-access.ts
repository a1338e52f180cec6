import type { KeyAccess, KeyWrapper } from '@/server/encryption/model'
import { currentEnvelope, openUnderDek, withDek } from '@/server/encryption/service'
import type { Ctx } from '@/server/kernel/context'
import { isAppError } from '@/server/kernel/errors'
import { parseKeyIdentifier } from '@/server/keys/model'
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

/**
 * Tests a server's access to its keys with what the server itself would need, link by link: identity, store, network,
 * permission, key, version, enabled, dates, type, and a real unwrap that must open what the data key sealed.
 * @returns the verdict with the first broken link; `since` is now, the caller keeps an earlier one.
 */
export async function probeServer(ctx: Ctx, keyAccess: KeyAccess, server: ServerRecord): Promise<KeyAccessVerdict> {
  let kid = ''
  for (const use of keyUses(server)) {
    const verdict = await probeUse(ctx, keyAccess, server, use)
    if (!verdict.accessible) return verdict
    if (use.role === 'primary') kid = verdict.kid
  }
  return { accessible: true, kid }
}

async function probeUse(ctx: Ctx, keyAccess: KeyAccess, server: ServerRecord, use: KeyUse): Promise<KeyAccessVerdict> {
  let kid = use.keyUri
  let wrapper: KeyWrapper | undefined
  try {
    const target = { serverId: server.id, role: use.role }
    kid = (await currentEnvelope(ctx, target)).kid
    wrapper = await keyAccess.wrapperFor(ctx, use.identity)
    const described = await wrapper.describeKey(kid)
    const problem = attributeProblem(described, ctx.now)
    if (problem) return broken(ctx, server, use, problem, kid, validityEvidence(described))
    await withDek(ctx, target, wrapper, (dek) => {
      if (use.role === 'primary' && server.sealedVerifier)
        openUnderDek(dek, ADMINISTRATOR_SEAL, server.id, server.sealedVerifier).fill(0)
    })
    return { accessible: true, kid }
  } catch (error) {
    if (!isAppError(error)) throw error
    let cause = causeOf(error.code)
    if (cause === 'KeyDeleted' && wrapper && (await keyStillThere(wrapper, kid))) cause = 'KeyVersionMissing'
    return broken(ctx, server, use, cause, kid, { answer: firstLine(error.publicMessage) })
  }
}

/** Tells a missing version from a missing key. */
async function keyStillThere(wrapper: KeyWrapper, kid: string): Promise<boolean> {
  try {
    await wrapper.describeKey(kid.replace(/(\/keys\/[^/]+)\/.*$/, '$1'))
    return true
  } catch {
    return false
  }
}

function broken(
  ctx: Ctx,
  server: ServerRecord,
  use: KeyUse,
  cause: KeyAccessCause,
  kid: string,
  more: Record<string, string>,
): Broken {
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
    message: `${title}: ${which}${server.name} cannot unwrap its data encryption key.`,
    evidence,
    since: ctx.now.toISOString(),
  }
}

function validityEvidence(key: {
  notBefore: Date | null
  expires: Date | null
  enabled: boolean
  kty: string
}): Record<string, string> {
  return {
    enabled: String(key.enabled),
    keyType: key.kty,
    ...(key.notBefore ? { activeFrom: key.notBefore.toISOString() } : {}),
    ...(key.expires ? { expires: key.expires.toISOString() } : {}),
  }
}

const firstLine = (text: string): string => text.split(/\r?\n/, 1)[0]!.slice(0, 300)

/** Servers for which one check decides: same identity, same key version, in both roles. */
export const probeGroupKey = (server: ServerRecord, kids: Record<string, string>): string =>
  keyUses(server)
    .map((use) => `${use.identity?.principalId ?? 'service'}|${kids[`${server.id}|${use.role}`] ?? use.keyUri}`)
    .join('||')
    .toLowerCase()
