import { recordActivity } from '@/server/activity/service'
import type { DekRole, KeyAccess } from '@/server/encryption/model'
import { currentEnvelope, revertRewrap, rewrapServer } from '@/server/encryption/service'
import { transact } from '@/server/kernel/db'
import { AppError, invariant, isAppError } from '@/server/kernel/errors'
import type { Program, Step, StepContext } from '@/server/workflow/model'
import type { KeyChoice } from './contract'
import { probeServer } from './key-access'
import type { KeyUse, ServerRecord, ServerState } from './model'
import { judgeEncryption, pendingPermission, refuseBrokenRules } from './preconditions'
import { principalIdOf } from './provision.prog'
import * as store from './store'
import { moveServer } from './transitions'

type Saved = { keyUri: string; identityId: string | null; principalId: string | null; sequence: number }

/** What to change, and all that is needed to put it back. */
export type UpdateEncryptionOperation = {
  serverName: string
  subscriptionId: string
  location: string
  stateBefore: ServerState
  primary: KeyChoice
  geo: KeyChoice | null
  before: { primary: Saved; geo: Saved | null; identityIds: string[] }
}
type StepCtx = StepContext<UpdateEncryptionOperation>

export const UPDATE_ENCRYPTION_KIND = 'updateEncryption'

const load = async (ctx: StepCtx): Promise<ServerRecord> => {
  const server = await store.findServer(ctx.db, { id: ctx.resourceId })
  invariant(server, `server ${ctx.resourceId} is gone`)
  return server
}

const checkPreconditions = (keyAccess: KeyAccess): Step<UpdateEncryptionOperation> => ({
  name: 'checkPreconditions',
  title: 'Check the rules for identity and key',
  async run(ctx) {
    const { primary, geo } = ctx.input
    const judged = await judgeEncryption(ctx, keyAccess, ctx.input, { type: 'AzureKeyVault', primary, geo })
    const until = await pendingPermission(ctx, judged)
    if (until)
      return { waitUntil: until, reason: `A role assignment is still taking effect, until ${until.toISOString()}.` }
    refuseBrokenRules(judged)
    return { detail: 'They hold.' }
  },
})

const attachIdentities: Step<UpdateEncryptionOperation> = {
  name: 'attachIdentities',
  title: 'Attach the managed identities',
  async run(ctx) {
    const { primary, geo, before } = ctx.input
    // Valid identities stay attached even if a later step fails, as in Azure.
    const identityIds = [...new Set([...before.identityIds, primary.identityId, ...(geo ? [geo.identityId] : [])])]
    await store.updateServer(ctx.db, ctx.resourceId, { identityIds })
    return { detail: `${identityIds.length} attached.` }
  },
}

const rewrap = (keyAccess: KeyAccess, role: DekRole): Step<UpdateEncryptionOperation> => ({
  name: role === 'primary' ? 'rewrapDek' : 'rewrapGeoDek',
  title: role === 'primary' ? 'Wrap the data encryption key anew' : 'Wrap the backup’s data encryption key anew',
  async run(ctx) {
    const server = await load(ctx)
    const choice = role === 'primary' ? ctx.input.primary : ctx.input.geo!
    const saved = role === 'primary' ? ctx.input.before.primary : ctx.input.before.geo!
    const principalId = await principalIdOf(ctx, choice.identityId)
    const target = { serverId: server.id, role }
    const to = await keyAccess.wrapperFor(ctx, { identityId: choice.identityId, principalId })
    const from = await opener(
      ctx,
      keyAccess,
      {
        role,
        keyUri: saved.keyUri,
        identity: saved.identityId ? { identityId: saved.identityId, principalId: saved.principalId } : null,
      },
      to,
    )
    const envelope = await rewrapServer(ctx, { ...target, keyUri: choice.keyUri }, from, to)
    await store.updateServer(
      ctx.db,
      server.id,
      role === 'primary'
        ? { primaryKeyUri: choice.keyUri, primaryIdentityId: choice.identityId, primaryPrincipalId: principalId }
        : { geoKeyUri: choice.keyUri, geoIdentityId: choice.identityId, geoPrincipalId: principalId },
    )
    return { detail: `Wrapped by ${envelope.kid}` }
  },
  async undo(ctx) {
    const saved = role === 'primary' ? ctx.input.before.primary : ctx.input.before.geo!
    await revertRewrap(ctx, { serverId: ctx.resourceId, role, sequence: saved.sequence })
    await store.updateServer(
      ctx.db,
      ctx.resourceId,
      role === 'primary'
        ? { primaryKeyUri: saved.keyUri, primaryIdentityId: saved.identityId, primaryPrincipalId: saved.principalId }
        : { geoKeyUri: saved.keyUri, geoIdentityId: saved.identityId, geoPrincipalId: saved.principalId },
    )
  },
})

/** Who can open the present envelope: the identity it had, else (deleted, or stripped of its role) the new one. */
async function opener(
  ctx: StepCtx,
  keyAccess: KeyAccess,
  before: KeyUse,
  next: Awaited<ReturnType<KeyAccess['wrapperFor']>>,
) {
  const { kid } = await currentEnvelope(ctx, { serverId: ctx.resourceId, role: before.role })
  try {
    const wrapper = await keyAccess.wrapperFor(ctx, before.identity)
    await wrapper.describeKey(kid)
    return wrapper
  } catch (error) {
    if (!isAppError(error)) throw error
    return next
  }
}

const verifyKeyAccess = (keyAccess: KeyAccess): Step<UpdateEncryptionOperation> => ({
  name: 'verifyKeyAccess',
  title: 'Unwrap the data encryption key and open what it sealed',
  async run(ctx) {
    const verdict = await probeServer(ctx, keyAccess, await load(ctx))
    if (!verdict.accessible) {
      throw new AppError('PreconditionFailed', { publicMessage: verdict.message, fields: { rule: verdict.broken } })
    }
    await store.updateServer(ctx.db, ctx.resourceId, { keyAccess: verdict, keyCheckedAt: ctx.now })
    return { detail: `Opened with ${verdict.kid}` }
  },
})

/** Changes key, version or identity of a customer-managed server; data is never touched. */
export const updateEncryptionProgram = (keyAccess: KeyAccess): Program<UpdateEncryptionOperation> => ({
  kind: UPDATE_ENCRYPTION_KIND,
  steps: (input) => [
    checkPreconditions(keyAccess),
    attachIdentities,
    rewrap(keyAccess, 'primary'),
    ...(input.geo ? [rewrap(keyAccess, 'geo')] : []),
    verifyKeyAccess(keyAccess),
  ],
  async finished(ctx, result) {
    await transact(ctx, async (tx) => {
      const server = await store.lockServer(tx.db, ctx.resourceId)
      invariant(server, `server ${ctx.resourceId} is gone`)
      const failed = result.status !== 'Succeeded'
      // Failed: as it was before. Succeeded: the step before has just proven that the data key opens.
      const to: ServerState = failed ? ctx.input.stateBefore : 'Ready'
      if (server.state === 'Updating')
        await moveServer(tx, server, to, { title: failed ? 'The change of keys failed' : 'The keys were changed' })
      await store.updateServer(tx.db, server.id, { busyOperationId: null })
      await recordActivity(tx, {
        operationName: 'Microsoft.DBforPostgreSQL/flexibleServers/write',
        resourceId: server.id,
        operationId: ctx.operationId,
        status: failed ? 'Failed' : 'Succeeded',
        description: failed
          ? `Changing the keys of ${server.name} failed: ${result.error.message}`
          : `The data encryption of ${server.name} was changed.`,
        ...(failed ? { subStatus: result.error.code, properties: { error: result.error } } : {}),
      })
    })
  },
})
