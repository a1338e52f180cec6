import { AppError } from '@/server/kernel/errors'
import { RESOURCE_TYPES, sameId } from '@/server/kernel/resource-id'
import { type BackupView, backupInput, type ServerView } from '@/server/postgres/contract'
import { backUpNow, deleteBackup, listBackups } from '@/server/postgres/service'
import { type ArmCall, type ArmReply, list, route } from '../route'
import { BACKUP_TYPE, backupShape } from './backup-shape'
import { invalid } from './server-body'
import { accepted } from './server-operations'
import { keyAccessOf, requireServerOf } from './servers'

/** What Azure lists: backups that can be restored. */
const restorable = async (call: ArmCall, server: ServerView): Promise<BackupView[]> =>
  (await listBackups(call.ctx, server.name)).backups.filter((backup) => backup.status === 'Succeeded')

async function find(call: ArmCall, server: ServerView): Promise<BackupView | undefined> {
  return (await restorable(call, server)).find((backup) => sameId(backup.name, call.params.b!))
}

async function get(call: ArmCall): Promise<ArmReply> {
  const server = await requireServerOf(call)
  const backup = await find(call, server)
  if (backup) return { body: backupShape(server.id, backup) }
  throw new AppError('ResourceNotFound', {
    publicMessage: `The requested resource of type '${BACKUP_TYPE}' with name '${call.params.b}' was not found.`,
  })
}

async function put(call: ArmCall): Promise<ArmReply> {
  const server = await requireServerOf(call)
  const input = backupInput.safeParse({ serverId: server.id, name: call.params.b })
  if (!input.success) throw invalid(input.error.issues[0]!.message)
  const { operationId } = await backUpNow(call.ctx, keyAccessOf(call), input.data)
  return accepted(call, { operationId, location: server.location, name: 'BackupServer' })
}

/** An engine removes the files at once, so that nothing goes on that could be asked about. */
async function remove(call: ArmCall): Promise<ArmReply> {
  const server = await requireServerOf(call)
  const backup = await find(call, server)
  if (!backup) return { status: 204 }
  await deleteBackup(call.ctx, { serverId: server.id, name: backup.name })
  return {}
}

const BACKUPS = `/subscriptions/{s}/resourceGroups/{g}/providers/${RESOURCE_TYPES.server}/{n}/backups`

export const backupRoutes = [
  route('GET', BACKUPS, async (call) => {
    const server = await requireServerOf(call)
    return list((await restorable(call, server)).map((backup) => backupShape(server.id, backup)))
  }),
  route('GET', `${BACKUPS}/{b}`, get),
  route('PUT', `${BACKUPS}/{b}`, put),
  route('DELETE', `${BACKUPS}/{b}`, remove),
]
