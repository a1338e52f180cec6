import { backupEnvelope } from '@/server/dataplane/service'
import type { KeyAccess, PortableEnvelope } from '@/server/encryption/model'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { RESOURCE_TYPES, resourceId } from '@/server/kernel/resource-id'
import { openersOf, withBackupDek } from '../backups'
import { type CreateServerInput, checkEncryption, type EncryptionInput, type RestoreInput } from '../contract'
import { isVersionless, keyUses, type ServerRecord } from '../model'
import { AZURE_RULE, type ProvisionInput } from '../provision.prog'
import * as store from '../store'
import { requireBackup } from './backups'
import { refuseByState, requireServer } from './change-server'
import { prepareCreation, reserve } from './create-server'

const READ = 'Microsoft.DBforPostgreSQL/flexibleServers/read'
const WRITE = 'Microsoft.DBforPostgreSQL/flexibleServers/write'

/**
 * Asks for a new server from a full backup of another: same settings and firewall rules, a data key of its own, the keys
 * of the other or others, also in the other mode. SIMULATED: to the time of a backup, not to any point in time.
 * @throws AppError as `createServer`, and `PreconditionFailed` (rule `backup-key`) when the backup cannot be opened now.
 */
export async function restoreServer(
  ctx: Ctx,
  { keyAccess, dataDir }: { keyAccess: KeyAccess; dataDir: string },
  input: RestoreInput,
): Promise<{ operationId: string; serverId: string }> {
  const source = await requireServer(ctx, input.serverId)
  await authorize(ctx, READ, source.id)
  const { subscriptionId, resourceGroup } = source
  const serverId = resourceId({ subscriptionId, resourceGroup, type: RESOURCE_TYPES.server, name: input.name })
  await authorize(ctx, WRITE, serverId)
  refuseByState(source, 'restore')
  const backup = await requireBackup(ctx, source.id, input.backupName)
  if (backup.status !== 'Succeeded') {
    const publicMessage = `The backup ${backup.name} is ${backup.status.toLowerCase()}: only one that succeeded can be restored.`
    throw new AppError('Conflict', { publicMessage, field: 'backupName', fields: { backupName: publicMessage } })
  }
  const encryption = input.encryption ?? encryptionOf(source)
  refuseBadEncryption(encryption, source)
  const request = await requestOf(ctx, source, input.name, encryption)
  const dataPlane = await prepareCreation(ctx, keyAccess, request)
  const place = { serverId: source.id, backupId: backup.id }
  const envelope = await backupEnvelope<PortableEnvelope>(dataDir, place)
  const target = encryption.primary && { identityId: encryption.primary.identityId, principalId: null }
  await withBackupDek(ctx, keyAccess, envelope, openersOf(source, target), async () => undefined)
  const provision: ProvisionInput = {
    ...request,
    sealedVerifier: null,
    dataPlane,
    restore: {
      ...place,
      serverName: source.name,
      backupName: backup.name,
      at: (backup.completedAt ?? backup.startedAt).toISOString(),
    },
  }
  return reserve(ctx, keyAccess, serverId, provision)
}

function encryptionOf(source: ServerRecord): EncryptionInput {
  const choice = (role: 'primary' | 'geo') => {
    const use = keyUses(source).find((u) => u.role === role)
    if (!use?.identity) return null
    return { identityId: use.identity.identityId, keyUri: use.keyUri, autoUpdate: isVersionless(use.keyUri) }
  }
  if (source.encryptionType === 'SystemManaged') return { type: 'SystemManaged', primary: null, geo: null }
  return { type: 'AzureKeyVault', primary: choice('primary'), geo: choice('geo') }
}

function refuseBadEncryption(encryption: EncryptionInput, source: ServerRecord): void {
  const fields: Record<string, string> = {}
  checkEncryption(encryption, source.properties.backup.geoRedundant, (path, message) => {
    fields[`encryption.${path.join('.')}`] ??= message
  })
  const [field, publicMessage] = Object.entries(fields)[0] ?? []
  if (field && publicMessage) throw new AppError('InvalidParameterValue', { publicMessage, field, fields })
}

/** What the wizard would have asked for to make a server like this one; without a password, which the backup brings. */
async function requestOf(
  ctx: Ctx,
  source: ServerRecord,
  name: string,
  encryption: EncryptionInput,
): Promise<CreateServerInput> {
  const { properties: p } = source
  const rules = await store.listFirewallRules(ctx.db, [source.id])
  return {
    basics: {
      subscriptionId: source.subscriptionId,
      resourceGroup: source.resourceGroup,
      name,
      location: source.location,
      version: source.version as CreateServerInput['basics']['version'],
      workloadType: p.workloadType,
      availabilityZone: p.availabilityZone as CreateServerInput['basics']['availabilityZone'],
      compute: p.compute,
      storage: p.storage as CreateServerInput['basics']['storage'],
      highAvailability: p.highAvailability as CreateServerInput['basics']['highAvailability'],
      backup: p.backup,
      authentication: { ...p.authentication, administratorLogin: source.adminLogin, password: '' },
    },
    networking: {
      ...p.networking,
      allowAzureServices: rules.some((rule) => rule.name === AZURE_RULE),
      firewallRules: rules
        .filter((rule) => rule.name !== AZURE_RULE)
        .map(({ name, startIp, endIp }) => ({ name, startIp, endIp })),
    },
    encryption,
    tags: Object.entries(source.tags).map(([name, value]) => ({ name, value })),
  }
}
