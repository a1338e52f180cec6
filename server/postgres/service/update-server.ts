import { recordActivity } from '@/server/activity/service'
import type { Endpoint } from '@/server/dataplane/model'
import { asSuperuser, installAdministrator } from '@/server/dataplane/service'
import type { KeyAccess } from '@/server/encryption/model'
import { sealUnderDek } from '@/server/encryption/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import { expiryOf, planExpiry } from '../backups'
import { findSku } from '../catalog'
import { checkCompute, HOLDS_LOGIN, holdsLogin, type UpdateServerInput, updateServerInput } from '../contract'
import { lendDek } from '../data-plane'
import { ADMINISTRATOR_SEAL, type ServerProperties, type ServerRecord } from '../model'
import type { OpenDatabase } from '../open'
import { scramVerifier } from '../scram'
import * as store from '../store'
import { listBackups, updateBackup } from '../store/backups'
import { refuseByState, requireServer } from './change-server'
import { beginLife } from './lifecycle'
import { ACTIONS } from './read-servers'

/**
 * Changes storage size, backup retention and the administrator's password at once, and the compute size by an operation
 * that restarts the server: null when nothing goes on.
 * @throws AppError `AuthorizationFailed`, `ServerIsBusy`, `ServerIsNotReady`, `InvalidParameterValue` with messages by
 * field; for a password also the key store's reason and `DataPlaneUnavailable`. Then nothing was changed.
 */
export async function updateServer(
  ctx: Ctx,
  deps: { keyAccess: KeyAccess; open: OpenDatabase },
  input: UpdateServerInput,
): Promise<{ operationId: string | null }> {
  const found = await requireServer(ctx, input.serverId)
  await authorize(ctx, ACTIONS.scale, found.id)
  refuseByState(found, 'scale')
  refuseFaults(found, input)
  // Before the server's row is locked: opening it may be another process's work.
  const secret = input.password === undefined ? null : await sealPassword(ctx, deps, found, input.password)
  return transact(ctx, async (tx) => {
    const server = await requireServer(tx, found.id, true)
    refuseByState(server, 'scale')
    const properties = refuseFaults(server, input)
    const compute = computeOf(server, input)
    await store.updateServer(tx.db, server.id, { properties })
    if (properties.backup.retentionDays !== server.properties.backup.retentionDays)
      await moveExpiries(tx, { ...server, properties })
    if (secret) await setPassword(tx, server, secret)
    const changed = changesOf(server, properties, input)
    if (changed.length) {
      await recordActivity(tx, {
        operationName: ACTIONS.scale,
        resourceId: server.id,
        status: 'Succeeded',
        description: `Of ${server.name} was changed: ${changed.join(', ')}.`,
      })
      await announce(tx.db, { tenantId: server.tenantId, topic: 'servers' })
    }
    if (compute.sku === server.properties.compute.sku) return { operationId: null }
    const move = { from: server.properties.compute, to: compute }
    return beginLife(tx, deps.keyAccess, 'scale', server, { compute: move })
  })
}

const computeOf = (server: ServerRecord, { sku }: UpdateServerInput): ServerProperties['compute'] => {
  const found = sku === undefined ? null : findSku(sku)
  return sku === undefined ? server.properties.compute : { sku, tier: found?.tier ?? server.properties.compute.tier }
}

/** What the server will be but for its compute size, which follows with the restart. */
function refuseFaults(server: ServerRecord, input: UpdateServerInput): ServerProperties {
  const { properties: now, location, version, adminLogin } = server
  const compute = computeOf(server, input)
  const storage = { ...now.storage, sizeGiB: input.storageGiB ?? now.storage.sizeGiB }
  const backup = { ...now.backup, retentionDays: input.retentionDays ?? now.backup.retentionDays }
  const wanted = { ...now, storage, backup }
  const fields: Record<string, string> = {}
  for (const { path, message } of updateServerInput.safeParse(input).error?.issues ?? [])
    fields[path.join('.')] ??= message
  // Its records are of what was asked for at creation, by the same rules.
  checkCompute({ ...wanted, compute, location, version } as Parameters<typeof checkCompute>[0], (path, message) => {
    fields[path.slice(1).join('.')] ??= message
  })
  if (storage.sizeGiB < now.storage.sizeGiB)
    fields['storage.sizeGiB'] = `Storage grows and never shrinks: it has ${now.storage.sizeGiB} GiB.`
  if (input.password !== undefined && now.authentication.method === 'EntraOnly')
    fields.password = 'This server takes no passwords.'
  if (input.password !== undefined && holdsLogin(input.password, adminLogin)) fields.password ??= HOLDS_LOGIN
  const [field, publicMessage] = Object.entries(fields)[0] ?? []
  if (field && publicMessage) throw new AppError('InvalidParameterValue', { publicMessage, field, fields })
  return wanted
}

function changesOf({ properties: before }: ServerRecord, after: ServerProperties, input: UpdateServerInput): string[] {
  return [
    before.storage.sizeGiB !== after.storage.sizeGiB && `storage to ${after.storage.sizeGiB} GiB`,
    before.backup.retentionDays !== after.backup.retentionDays &&
      `backup retention to ${after.backup.retentionDays} days`,
    input.password !== undefined && 'the administrator’s password',
  ].filter((text) => text !== false)
}

/** Backups that are there are kept as long as new ones will be. */
async function moveExpiries(tx: Ctx, server: ServerRecord): Promise<void> {
  for (const backup of await listBackups(tx.db, server.id)) {
    const expiresAt = expiryOf(server, backup.startedAt)
    await updateBackup(tx.db, backup.id, { expiresAt })
    await planExpiry(tx, backup.id, expiresAt)
  }
}

type Secret = { endpoint: Endpoint; verifier: string; sealed: Uint8Array }

/** The password as the database and the server's row keep it; the password itself is kept nowhere. */
async function sealPassword(
  ctx: Ctx,
  { keyAccess, open }: { keyAccess: KeyAccess; open: OpenDatabase },
  server: ServerRecord,
  password: string,
): Promise<Secret> {
  const endpoint = await open(ctx, server)
  const verifier = await scramVerifier(password)
  const sealed = await lendDek(
    ctx,
    keyAccess,
    server,
  )(async (dek) => sealUnderDek(dek, ADMINISTRATOR_SEAL, server.id, Buffer.from(verifier)))
  return { endpoint, verifier, sealed }
}

/** Both or neither, unless the commit itself fails: then asking again mends it. Sessions that are open stay open. */
async function setPassword(tx: Ctx, server: ServerRecord, { endpoint, verifier, sealed }: Secret): Promise<void> {
  await store.updateServer(tx.db, server.id, { sealedVerifier: sealed })
  await asSuperuser(endpoint, (client) => installAdministrator(client, server.adminLogin, verifier))
}
