import { schedule, unschedule } from '@/server/clock/service'
import type { KeyAccess, KeyWrapper, PortableEnvelope } from '@/server/encryption/model'
import { fromPortable, toPortable } from '@/server/encryption/model'
import { currentEnvelope, withEnvelope } from '@/server/encryption/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError, isAppError } from '@/server/kernel/errors'
import { stableFraction } from '@/server/kernel/ids'
import { parseKeyIdentifier } from '@/server/keys/model'
import { lendDek, requireDataPlane, type ServerDeps } from './data-plane'
import {
  BACKUP_AGENDA,
  FIRST_BACKUP_MINUTES,
  FIRST_BACKUP_SPREAD_MINUTES,
  type KeyUse,
  keyUses,
  type ServerRecord,
} from './model'
import { findNewestBackup } from './store/backups'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** When a backup that is taken now is deleted. */
export const expiryOf = (server: ServerRecord, now: Date): Date =>
  new Date(now.getTime() + server.properties.backup.retentionDays * DAY_MS)

/** Plans the next automatic backup of a server. */
export const planBackup = (ctx: Ctx, serverId: string, minutes: number): Promise<void> =>
  schedule(ctx, { kind: BACKUP_AGENDA.take, key: serverId, dueAt: new Date(ctx.now.getTime() + minutes * MINUTE_MS) })

/** The first one soon after the server is there, each server at a minute of its own. */
export const planFirstBackup = (ctx: Ctx, serverId: string): Promise<void> =>
  planBackup(ctx, serverId, FIRST_BACKUP_MINUTES + Math.floor(FIRST_BACKUP_SPREAD_MINUTES * stableFraction(serverId)))

export const planExpiry = (ctx: Ctx, backupId: string, at: Date): Promise<void> =>
  schedule(ctx, { kind: BACKUP_AGENDA.expire, key: backupId, dueAt: at })

export const unplanBackups = (ctx: Ctx, serverId: string): Promise<void> =>
  unschedule(ctx, BACKUP_AGENDA.take, serverId)

/**
 * Copies a server's files into a backup, under the envelope that opens them now: proven by a real unwrap.
 * @throws AppError with the key store's reason, or `DataPlaneUnavailable`.
 */
export async function copyServer(
  ctx: Ctx,
  { keyAccess, dataPlane }: ServerDeps,
  server: ServerRecord,
  backupId: string,
): Promise<{ bytes: number; files: number; kid: string }> {
  const envelope = await currentEnvelope(ctx, { serverId: server.id, role: 'primary' })
  const previous = await findNewestBackup(ctx.db, server.id)
  const manifest = await requireDataPlane(dataPlane).backUp(
    { serverId: server.id, backupId },
    { previousId: previous?.id ?? null, envelope: toPortable(envelope), lend: lendDek(ctx, keyAccess, server) },
  )
  return { bytes: manifest.bytes, files: manifest.files.length, kid: envelope.kid }
}

type Identity = KeyUse['identity']

/**
 * Runs with the data key of a backup, unwrapped by the version that wrapped it: by the identity of the server that was
 * backed up, or else by that of the new one.
 * @throws AppError `PreconditionFailed` (rule `backup-key`) with the key store's reason.
 */
export async function withBackupDek<T>(
  ctx: Ctx,
  keyAccess: KeyAccess,
  portable: PortableEnvelope,
  identities: Identity[],
  use: (dek: Buffer) => Promise<T>,
): Promise<T> {
  const envelope = fromPortable(portable)
  const wrapper = await openerOf(ctx, keyAccess, portable, identities)
  return withEnvelope(envelope, wrapper, use)
}

async function openerOf(
  ctx: Ctx,
  keyAccess: KeyAccess,
  portable: PortableEnvelope,
  identities: Identity[],
): Promise<KeyWrapper> {
  const envelope = fromPortable(portable)
  let first: AppError | undefined
  for (const identity of identities) {
    try {
      const wrapper = await keyAccess.wrapperFor(ctx, identity)
      await withEnvelope(envelope, wrapper, () => undefined)
      return wrapper
    } catch (error) {
      if (!isAppError(error)) throw error
      first ??= error
    }
  }
  throw originalKeyLost(envelope.kid, first!)
}

function originalKeyLost(kid: string, cause: AppError): AppError {
  const id = parseKeyIdentifier(kid)
  const publicMessage = `The backup cannot be opened: it needs version ${id?.version} of the key ${id?.keyName} in ${id?.storeName}, which wrapped its data key, and that does not unwrap now. ${cause.publicMessage} Make that version usable again, or choose a backup taken under another.`
  return new AppError('PreconditionFailed', { publicMessage, fields: { rule: 'backup-key' }, cause })
}

/** Who may open a backup of a server, in the order in which they are tried. */
export const openersOf = (source: ServerRecord, target: Identity | null): Identity[] => {
  const own = keyUses(source)[0]!.identity
  return target && target.identityId !== own?.identityId ? [own, target] : [own]
}
