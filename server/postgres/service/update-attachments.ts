import { recordActivity } from '@/server/activity/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import { sameId } from '@/server/kernel/resource-id'
import { tagsInput } from '../contract'
import { keyUses, type ServerRecord } from '../model'
import { principalIdOf } from '../provision.prog'
import * as store from '../store'
import { requireServer } from './change-server'
import { ACTIONS } from './read-servers'

export type Attachments = { tags?: Record<string, string>; attach?: string[]; detach?: string[] }

/**
 * Changes a server's tags (all of them at once) and the managed identities attached to it.
 * @throws AppError `AuthorizationFailed`, `ServerIsBusy`, `IdentityNotFound`, `InvalidParameterValue` (a tag that breaks
 * the rules, or an identity that the data encryption uses).
 */
export async function updateAttachments(ctx: Ctx, serverId: string, changes: Attachments): Promise<void> {
  const { id } = await requireServer(ctx, serverId)
  await authorize(ctx, ACTIONS.updateEncryption, id)
  const { tags, attach = [], detach = [] } = changes
  if (tags) refuseBadTags(tags)
  for (const identityId of attach) {
    await authorize(ctx, 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action', identityId)
    await principalIdOf(ctx, identityId)
  }
  await transact(ctx, async (tx) => {
    const server = await requireServer(tx, id, true)
    if (server.busyOperationId) {
      throw new AppError('ServerIsBusy', {
        publicMessage: `Cannot complete operation while server '${server.name}' is busy processing another operation.`,
      })
    }
    refuseUsed(server, detach)
    const kept = server.identityIds.filter((i) => ![...attach, ...detach].some((other) => sameId(other, i)))
    await store.updateServer(tx.db, id, { identityIds: [...kept, ...attach], ...(tags ? { tags } : {}) })
    await recordActivity(tx, {
      operationName: ACTIONS.updateEncryption,
      resourceId: id,
      status: 'Succeeded',
      description: `Tags or identities of ${server.name} were changed`,
    })
    await announce(tx.db, { tenantId: server.tenantId, topic: 'servers' })
  })
}

function refuseBadTags(tags: Record<string, string>): void {
  const parsed = tagsInput.safeParse(Object.entries(tags).map(([name, value]) => ({ name, value })))
  if (parsed.success) return
  const publicMessage = parsed.error.issues[0]!.message
  throw new AppError('InvalidParameterValue', { publicMessage, field: 'tags' })
}

function refuseUsed(server: ServerRecord, detach: string[]): void {
  const used = keyUses(server).flatMap((use) => use.identity?.identityId ?? [])
  const taken = detach.find((i) => used.some((u) => sameId(u, i)))
  if (!taken) return
  throw new AppError('InvalidParameterValue', {
    publicMessage: `The identity ${taken.split('/').at(-1)} is used for the data encryption of server ${server.name}. Switch the encryption to another identity first.`,
    field: 'identity',
  })
}
