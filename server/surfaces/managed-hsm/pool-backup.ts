import { z } from 'zod'
import type { HsmBackupView } from '@/server/managed-hsm/contract'
import { backupPool, findPoolJob, restorePool } from '@/server/managed-hsm/service/pool-backup'
import type { OwnCall } from '../keyvault/door'
import type { Answer } from '../keyvault/requests'
import { parseBody } from '../keyvault/wire'

const backupBody = z.object({ storageResourceUri: z.string() })
const restoreBody = z.object({
  sasTokenParameters: backupBody,
  folderToRestore: z.string().optional(),
  folder: z.string().optional(),
})

const PENDING = /^\/(backup|restore)\/([^/]+)\/pending\/?$/i
const SELECTIVE = /^\/keys\/([^/]+)\/restore\/?$/i

/** SIMULATED: a job is done when it is answered. */
function status(job: HsmBackupView, kind: 'backup' | 'restore') {
  const at = Math.floor(new Date(job.at).getTime() / 1000)
  return {
    ...{ status: 'Succeeded', statusDetails: '', error: null, startTime: at, endTime: at, jobId: job.jobId },
    ...(kind === 'backup' && { azureStorageBlobContainerUri: `${job.containerUri}/${job.folder}` }),
  }
}

const accepted = (call: OwnCall, kind: 'backup' | 'restore', job: HsmBackupView): Answer => ({
  status: 202,
  body: status(job, kind),
  headers: { 'azure-asyncoperation': `${call.origin}/${kind}/${job.jobId}/pending` },
})

/** Full backup and restore of a pool, and the restore of one key out of it; null for any other path. */
export async function answerPoolBackup(call: OwnCall): Promise<Answer | null> {
  const { ctx, storeId, method, path, options, body } = call
  const pending = PENDING.exec(path)
  if (method === 'GET' && pending) {
    const kind = pending[1]!.toLowerCase() as 'backup' | 'restore'
    return { status: 200, body: status(await findPoolJob(ctx, storeId, kind, pending[2]!, options), kind) }
  }
  if (method === 'POST' && /^\/backup\/?$/i.test(path)) {
    const { storageResourceUri } = parseBody(backupBody, body())
    return accepted(call, 'backup', await backupPool(ctx, storeId, storageResourceUri, options))
  }
  const selective = SELECTIVE.exec(path)
  if (method !== 'PUT' || !(selective || /^\/restore\/?$/i.test(path))) return null
  const { sasTokenParameters, folderToRestore, folder } = parseBody(restoreBody, body())
  const input = {
    container: sasTokenParameters.storageResourceUri,
    folder: folderToRestore ?? folder ?? '',
    ...(selective && { keyName: decodeURIComponent(selective[1]!) }),
  }
  return accepted(call, 'restore', await restorePool(ctx, storeId, input, options))
}
