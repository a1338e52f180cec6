import { recordActivity } from '@/server/activity/service'
import type { Envelope, KeyWrapper } from '@/server/encryption/model'
import { listCurrentEnvelopes, rewrapMany } from '@/server/encryption/service'
import type { Ctx } from '@/server/kernel/context'
import { isAppError } from '@/server/kernel/errors'
import { newId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { inParallel } from '@/server/kernel/parallel'
import { parseKeyIdentifier } from '@/server/keys/model'
import { findVaultByName } from '@/server/keyvault/service'
import { findHsmByName } from '@/server/managed-hsm/service'
import type { RewrapBatchView } from './contract'
import type { Probing } from './key-access'
import * as store from './store/key-access'

/** Tells these entries from other writes: rules of alerts look for it. */
export const KEY_VERSION_ADOPTED = 'KeyVersionAdopted'
const WRITE = 'Microsoft.DBforPostgreSQL/flexibleServers/write'
const KEYS_AT_ONCE = 8
const REWRAPS_AT_ONCE = 8
/** Servers whose new envelopes are committed together. */
const CHUNK = 64
const SHOWN_FAILURES = 20

type Links = Parameters<typeof store.listVersionlessUses>[1]

/**
 * Wraps the data keys of all servers on version-less keys anew under the current version, one batch for each version;
 * data is never touched. What fails keeps its envelope and is tried again with the next sweep.
 */
export async function adoptNewVersions(probing: Probing, where: Links): Promise<void> {
  const { ctx } = probing
  const uses = await store.listVersionlessUses(ctx.db, where)
  const kids = new Map<store.VersionlessUse, string>()
  await inParallel(uses, KEYS_AT_ONCE, async (use) => {
    try {
      kids.set(use, (await probing.describe(identityOf(use), use.keyUri)).kid)
    } catch (error) {
      // The old version may still do; the probe that follows decides.
      if (!isAppError(error)) throw error
    }
  })
  // In the order of their names, whichever answered first.
  const currents = uses.flatMap((use) => (kids.has(use) ? [{ use, kid: kids.get(use)! }] : []))
  const behind = await store.listServersBehind(ctx.db, where, currents)
  for (const [n, { use, kid }] of currents.entries())
    if (behind[n]!.length > 0) await adopt(probing, behind[n]!, use, kid)
}

const identityOf = ({ identityId, principalId }: store.VersionlessUse) =>
  identityId ? { identityId, principalId } : null

async function adopt(probing: Probing, behind: string[], use: store.VersionlessUse, kid: string): Promise<void> {
  const { ctx } = probing
  const batch = await openBatch(ctx, use, kid)
  let succeeded = 0
  for (let i = 0; i < behind.length; i += CHUNK) {
    const ids = behind.slice(i, i + CHUNK)
    const current = (await listCurrentEnvelopes(ctx, ids)).filter((e) => e.role === use.role)
    succeeded += await rewrapChunk(ctx, batch.id, current, kid, await probing.wrapperFor(identityOf(use)))
  }
  await finish(ctx, batch, succeeded)
}

const openBatch = (ctx: Ctx, use: store.VersionlessUse, toKid: string): Promise<RewrapBatchView> =>
  store.openBatch(ctx.db, {
    id: newId(),
    tenantId: ctx.tenantId,
    keyUri: use.keyUri,
    toKid,
    startedAt: ctx.now,
    correlationId: ctx.correlationId,
  })

async function rewrapChunk(
  ctx: Ctx,
  batchId: string,
  current: Envelope[],
  kid: string,
  wrapper: KeyWrapper,
): Promise<number> {
  let succeeded = 0
  await rewrapMany(ctx, current, {
    kid,
    wrapper,
    concurrency: REWRAPS_AT_ONCE,
    admit: (tx, ids) => store.lockIdleServers(tx.db, ids),
    async record(tx, { rewrapped, failed }) {
      succeeded = rewrapped.length
      const failures = failed.slice(0, SHOWN_FAILURES)
      await store.saveBatch(tx.db, batchId, { succeeded, failed: failed.length, failures })
    },
  })
  return succeeded
}

/** One entry of the activity log tells of a batch; one more only when a later run brought it forward. */
async function finish(ctx: Ctx, opened: RewrapBatchView, succeeded: number): Promise<void> {
  const batch = await store.endBatch(ctx.db, opened.id, ctx.now)
  await announce(ctx.db, { tenantId: ctx.tenantId, topic: 'servers' })
  if (succeeded === 0 && opened.startedAt !== ctx.now.toISOString()) return
  const { processed, failed, failures } = batch
  await recordActivity(ctx, {
    operationName: WRITE,
    resourceId: await keyResourceId(ctx, batch.keyUri),
    status: failed > 0 ? 'Failed' : 'Succeeded',
    description: `A new key version was adopted: ${processed} data encryption keys processed, ${batch.succeeded} wrapped anew, ${failed} failed.`,
    properties: {
      event: KEY_VERSION_ADOPTED,
      batchId: batch.id,
      to: batch.toKid,
      processed,
      succeeded: batch.succeeded,
      failed,
      failures,
    },
  })
}

/** The key as a resource, below its store; where the store is not ours, its identifier. */
async function keyResourceId(ctx: Ctx, keyUri: string): Promise<string> {
  const id = parseKeyIdentifier(keyUri)
  const found = id && (await (id.storeType === 'vault' ? findVaultByName : findHsmByName)(ctx, id.storeName))
  return found ? `${found.id}/keys/${id.keyName}` : keyUri
}
