import { recordActivity } from '@/server/activity/service'
import type { KeyAccess } from '@/server/encryption/model'
import { currentEnvelope } from '@/server/encryption/service'
import { TENANT_SCOPE } from '@/server/identity/model'
import { authorize, readableScopes } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { parseKeyIdentifier } from '@/server/keys/model'
import { stepNames } from '@/server/workflow/model'
import { startOperation } from '@/server/workflow/service'
import { checkEncryption, type UpdateEncryptionInput } from '../contract'
import { DELETE_KIND, deleteProgram } from '../delete.prog'
import { checkNow, checkServerNow } from '../key-access.sweep'
import { CAUSES, commandAllowed, type KeyAccessVerdict, type ServerCommand, type ServerRecord } from '../model'
import * as store from '../store'
import { moveServer } from '../transitions'
import {
  UPDATE_ENCRYPTION_KIND,
  type UpdateEncryptionOperation,
  updateEncryptionProgram,
} from '../update-encryption.prog'

const WRITE = 'Microsoft.DBforPostgreSQL/flexibleServers/write'
const DELETE = 'Microsoft.DBforPostgreSQL/flexibleServers/delete'
export const CHECK = 'Microsoft.DBforPostgreSQL/flexibleServers/read'

/** @throws AppError `ResourceNotFound`, also for a server of another tenant. */
export async function requireServer(ctx: Ctx, id: string, lock = false): Promise<ServerRecord> {
  const server = lock ? await store.lockServer(ctx.db, id) : await store.findServer(ctx.db, { id })
  if (!server || server.tenantId !== ctx.tenantId) {
    throw new AppError('ResourceNotFound', { publicMessage: `There is no server ${id.split('/').at(-1)}.` })
  }
  return server
}

/** @throws AppError `ServerIsBusy`, `ServerIsNotReady`. */
export function refuseByState(server: ServerRecord, command: ServerCommand): void {
  if (server.busyOperationId) {
    throw new AppError('ServerIsBusy', {
      publicMessage: `Cannot complete operation while server '${server.name}' is busy processing another operation.`,
    })
  }
  if (!commandAllowed(command, server.state)) {
    throw new AppError('ServerIsNotReady', {
      publicMessage: `The server is ${server.state}. Wait until it is Ready, then try again.`,
    })
  }
}

/**
 * Changes key, key version or identity of a customer-managed server.
 * @throws AppError `AuthorizationFailed`, `ServerIsBusy`, `ServerIsNotReady`, `InvalidParameterValue` with messages by field.
 */
export async function updateEncryption(
  ctx: Ctx,
  keyAccess: KeyAccess,
  input: UpdateEncryptionInput,
): Promise<{ operationId: string }> {
  const { id } = await requireServer(ctx, input.serverId)
  await authorize(ctx, WRITE, id)
  for (const choice of [input.primary, input.geo]) {
    if (choice)
      await authorize(ctx, 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action', choice.identityId)
  }
  return transact(ctx, async (tx) => {
    const server = await requireServer(tx, id, true)
    refuseByState(server, 'updateEncryption')
    refuseModeChange(server)
    refuseBadChoice(server, input)
    refuseWhileExpired(server, input)
    const operation: UpdateEncryptionOperation = {
      serverName: server.name,
      subscriptionId: server.subscriptionId,
      location: server.location,
      stateBefore: server.state,
      primary: input.primary,
      geo: input.geo,
      before: await savedSettings(tx, server),
    }
    const operationId = await startOperation(tx, {
      kind: UPDATE_ENCRYPTION_KIND,
      name: `Update data encryption of ${server.name}`,
      resourceId: server.id,
      input: operation,
      steps: stepNames(updateEncryptionProgram(keyAccess), operation),
    })
    await moveServer(tx, server, 'Updating', { title: 'A change of keys was asked for' })
    await store.updateServer(tx.db, server.id, { busyOperationId: operationId })
    await recordActivity(tx, {
      operationName: WRITE,
      resourceId: server.id,
      operationId,
      status: 'Accepted',
      description: `Changing the data encryption of ${server.name}`,
    })
    return { operationId }
  })
}

function refuseModeChange(server: ServerRecord): void {
  if (server.encryptionType !== 'SystemManaged') return
  throw new AppError('InvalidParameterValue', {
    publicMessage:
      'This server was created with a service-managed key, and the mode is for life. To use your own key, restore the server to a new one with a customer-managed key.',
  })
}

function refuseBadChoice(server: ServerRecord, input: UpdateEncryptionInput): void {
  const fields: Record<string, string> = {}
  const encryption = { type: 'AzureKeyVault' as const, primary: input.primary, geo: input.geo }
  checkEncryption(encryption, server.geoKeyUri !== null, (path, message) => {
    fields[path.join('.')] ??= message
  })
  const [field, publicMessage] = Object.entries(fields)[0] ?? []
  if (field && publicMessage) throw new AppError('InvalidParameterValue', { publicMessage, field, fields })
}

/** An expired key is extended first; only a Ready server is rotated or switched to another key. */
function refuseWhileExpired(server: ServerRecord, input: UpdateEncryptionInput): void {
  const verdict = server.keyAccess
  if (server.state !== 'Inaccessible' || !verdict || verdict.accessible || verdict.cause !== 'KeyExpired') return
  const before = parseKeyIdentifier(server.primaryKeyUri)
  const next = parseKeyIdentifier(input.primary.keyUri)
  const sameKey =
    before?.storeName === next?.storeName && before?.keyName === next?.keyName && before?.version === next?.version
  if (sameKey) return
  throw new AppError('ServerIsNotReady', {
    publicMessage: `${CAUSES.KeyExpired.title}. ${CAUSES.KeyExpired.wayOut}`,
    field: 'primary.keyUri',
    fields: { 'primary.keyUri': CAUSES.KeyExpired.wayOut },
  })
}

async function savedSettings(ctx: Ctx, server: ServerRecord): Promise<UpdateEncryptionOperation['before']> {
  const sequence = async (role: 'primary' | 'geo') =>
    (await currentEnvelope(ctx, { serverId: server.id, role })).sequence
  return {
    primary: {
      keyUri: server.primaryKeyUri,
      identityId: server.primaryIdentityId,
      principalId: server.primaryPrincipalId,
      sequence: await sequence('primary'),
    },
    geo: server.geoKeyUri
      ? {
          keyUri: server.geoKeyUri,
          identityId: server.geoIdentityId,
          principalId: server.geoPrincipalId,
          sequence: await sequence('geo'),
        }
      : null,
    identityIds: server.identityIds,
  }
}

/** Asks for a server's deletion. @throws AppError `AuthorizationFailed`, `ServerIsBusy`, `ServerIsNotReady`. */
export async function deleteServer(ctx: Ctx, serverId: string): Promise<{ operationId: string }> {
  const { id } = await requireServer(ctx, serverId)
  await authorize(ctx, DELETE, id)
  return transact(ctx, async (tx) => {
    const server = await requireServer(tx, id, true)
    refuseByState(server, 'delete')
    const input = { serverName: server.name }
    const operationId = await startOperation(tx, {
      kind: DELETE_KIND,
      name: `Delete ${server.name}`,
      resourceId: server.id,
      input,
      steps: stepNames(deleteProgram(), input),
    })
    await moveServer(tx, server, 'Dropping', { title: 'Deletion was asked for' })
    await store.updateServer(tx.db, server.id, { busyOperationId: operationId })
    await recordActivity(tx, {
      operationName: DELETE,
      resourceId: server.id,
      operationId,
      status: 'Accepted',
      description: `Deleting ${server.name}`,
    })
    return { operationId }
  })
}

/** Checks a server's key access at once. @throws AppError `AuthorizationFailed`, `ServerIsBusy`, `ServerIsNotReady`. */
export async function checkKeyAccessNow(ctx: Ctx, keyAccess: KeyAccess, serverId: string): Promise<KeyAccessVerdict> {
  const server = await requireServer(ctx, serverId)
  await authorize(ctx, CHECK, server.id)
  refuseByState(server, 'checkKeyAccess')
  return checkServerNow(ctx, keyAccess, server)
}

/**
 * Checks the whole fleet at once, or the servers on one key store or key; the verdicts are the same whoever asks.
 * @throws AppError `AuthorizationFailed` for whoever may read no server at all, `Throttled`.
 */
export async function checkFleetNow(
  ctx: Ctx,
  keyAccess: KeyAccess,
  on: { storeName?: string; keyName?: string } = {},
): Promise<{ servers: number; probes: number }> {
  if ((await readableScopes(ctx, CHECK)).length === 0) await authorize(ctx, CHECK, TENANT_SCOPE)
  return checkNow(ctx, keyAccess, on)
}
