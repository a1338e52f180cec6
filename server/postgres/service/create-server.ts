import { recordActivity } from '@/server/activity/service'
import type { KeyAccess } from '@/server/encryption/model'
import { authorize, getResourceGroup } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { isUniqueViolation, transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { newVersionId } from '@/server/kernel/ids'
import { announce } from '@/server/kernel/notify'
import { RESOURCE_TYPES, resourceGroupId, resourceId } from '@/server/kernel/resource-id'
import { stepNames } from '@/server/workflow/model'
import { inputForRetry, startOperation } from '@/server/workflow/service'
import { type CreateServerInput, createServerInput, serverName } from '../contract'
import type { ServerProperties, ServerRecord } from '../model'
import { judgeEncryption, pendingPermission, refuseBrokenRules } from '../preconditions'
import { PROVISION_KIND, type ProvisionInput, provisionProgram, VERIFIER_PURPOSE } from '../provision.prog'
import { scramVerifier } from '../scram'
import * as store from '../store'
import { getInstallation } from './installation'

const WRITE = 'Microsoft.DBforPostgreSQL/flexibleServers/write'

/** Whether a name is free in the whole simulated cloud, and if not some that are. */
export async function checkServerName(
  ctx: Ctx,
  name: string,
): Promise<{ available: boolean; reason: string | null; suggestions: string[] }> {
  const parsed = serverName.safeParse(name)
  if (!parsed.success) return { available: false, reason: parsed.error.issues[0]!.message, suggestions: [] }
  if (!(await store.serverNameTaken(ctx.db, name))) return { available: true, reason: null, suggestions: [] }
  const candidates = ['dev', 'test', 'prod', '2', '3'].map((suffix) => `${name.slice(0, 58)}-${suffix}`)
  const free = await Promise.all(candidates.map(async (c) => ((await store.serverNameTaken(ctx.db, c)) ? null : c)))
  return {
    available: false,
    reason: `The name ${name} is taken.`,
    suggestions: free.filter((c) => c !== null).slice(0, 3),
  }
}

/**
 * Asks for a new server: validates everything again, reserves the name and hands the work to an engine.
 * @throws AppError `InvalidParameterValue` with messages by field, `AuthorizationFailed`, `ResourceGroupNotFound`,
 * `PreconditionFailed` (the first broken rule), `NameUnavailable`.
 */
export async function createServer(
  ctx: Ctx,
  keyAccess: KeyAccess,
  raw: CreateServerInput,
): Promise<{ operationId: string; serverId: string }> {
  const input = parseInput(raw)
  const { basics } = input
  const { subscriptionId, resourceGroup, name } = basics
  const serverId = resourceId({ subscriptionId, resourceGroup, type: RESOURCE_TYPES.server, name })
  await authorize(ctx, WRITE, serverId)
  const dataPlane = await prepareCreation(ctx, keyAccess, input)
  const sealedVerifier = await sealPassword(ctx, serverId, basics.authentication)
  const provision: ProvisionInput = {
    ...input,
    basics: { ...basics, authentication: { ...basics.authentication, password: '' } },
    sealedVerifier,
    dataPlane,
  }
  return reserve(ctx, keyAccess, serverId, provision)
}

/**
 * Refuses what would fail: a group that is gone, a version that does not run here, identities that may not be attached,
 * a broken precondition. @returns whether the installation runs databases.
 */
export async function prepareCreation(ctx: Ctx, keyAccess: KeyAccess, input: CreateServerInput): Promise<boolean> {
  const { basics, encryption } = input
  const { subscriptionId, resourceGroup } = basics
  if (!(await getResourceGroup(ctx, resourceGroupId(subscriptionId, resourceGroup)))) {
    throw new AppError('ResourceGroupNotFound', {
      publicMessage: `Resource group ${resourceGroup} could not be found. Choose another, or create it.`,
      field: 'basics.resourceGroup',
      fields: { 'basics.resourceGroup': 'This resource group does not exist.' },
    })
  }
  const { available, versions } = await getInstallation(ctx)
  refuseVersion(basics.version, versions)
  await authorizeIdentities(ctx, encryption)
  const judged = await judgeEncryption(ctx, keyAccess, basics, encryption)
  // A role that is still taking effect is waited for by the deployment, not refused.
  if (!(await pendingPermission(ctx, judged))) refuseBrokenRules(judged)
  return available
}

function refuseVersion(version: string, versions: { version: string; reason: string | null }[]): void {
  const publicMessage = versions.find((v) => v.version === version)?.reason
  if (publicMessage) {
    throw new AppError('InvalidParameterValue', {
      publicMessage,
      field: 'basics.version',
      fields: { 'basics.version': publicMessage },
    })
  }
}

function parseInput(raw: CreateServerInput): CreateServerInput {
  const parsed = createServerInput.safeParse(raw)
  if (parsed.success) return parsed.data
  const fields = Object.fromEntries(parsed.error.issues.map((i) => [i.path.join('.'), i.message]))
  const [field, message] = Object.entries(fields)[0]!
  throw new AppError('InvalidParameterValue', { publicMessage: `${message} (${field})`, field, fields })
}

/** Attaching an identity to a server needs a right on the identity. */
async function authorizeIdentities(ctx: Ctx, encryption: CreateServerInput['encryption']): Promise<void> {
  for (const choice of [encryption.primary, encryption.geo]) {
    if (choice)
      await authorize(ctx, 'Microsoft.ManagedIdentity/userAssignedIdentities/assign/action', choice.identityId)
  }
}

async function sealPassword(
  ctx: Ctx,
  serverId: string,
  auth: CreateServerInput['basics']['authentication'],
): Promise<string | null> {
  if (auth.method === 'EntraOnly') return null
  const verifier = Buffer.from(await scramVerifier(auth.password))
  return Buffer.from(ctx.custody.seal(VERIFIER_PURPOSE, serverId, verifier)).toString('base64')
}

/** Takes the name, and hands the work to an engine. @throws AppError `NameUnavailable`. */
export async function reserve(
  ctx: Ctx,
  keyAccess: KeyAccess,
  serverId: string,
  input: ProvisionInput,
  retryOfId?: string,
): Promise<{ operationId: string; serverId: string }> {
  const { basics } = input
  try {
    return await transact(ctx, async (tx) => {
      const operationId = await startOperation(tx, {
        kind: PROVISION_KIND,
        name: `PostgreSqlFlexibleServer_${newVersionId()}`,
        resourceId: serverId,
        input,
        steps: stepNames(provisionProgram(keyAccess), input),
        retryOfId,
      })
      await store.insertServer(tx.db, newRecord(tx, serverId, input, operationId))
      await store.insertStateChange(tx.db, {
        serverId,
        tenantId: tx.tenantId,
        at: tx.now,
        from: null,
        to: 'Provisioning',
        cause: { title: 'Creation was asked for' },
        correlationId: tx.correlationId,
      })
      await recordActivity(tx, {
        operationName: WRITE,
        resourceId: serverId,
        operationId,
        status: 'Accepted',
        description: input.restore
          ? `Restoring the backup ${input.restore.backupName} of ${input.restore.serverName} to ${basics.name}`
          : `Creating ${basics.name}`,
      })
      await announce(tx.db, { tenantId: tx.tenantId, topic: 'servers' })
      return { operationId, serverId }
    })
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new AppError('NameUnavailable', {
      publicMessage: `The server name ${basics.name} is already in use. Choose another.`,
      field: 'basics.name',
      fields: { 'basics.name': `The name ${basics.name} was taken a moment ago. Choose another.` },
      cause: error,
    })
  }
}

function newRecord(
  ctx: Ctx,
  id: string,
  { basics, networking, encryption, tags, restore }: ProvisionInput,
  operationId: string,
): ServerRecord {
  const { primary, geo } = encryption
  const { method, entraAdministrator, administratorLogin } = basics.authentication
  const properties: ServerProperties = {
    workloadType: basics.workloadType,
    availabilityZone: basics.availabilityZone,
    compute: basics.compute,
    storage: basics.storage,
    highAvailability: basics.highAvailability,
    backup: basics.backup,
    authentication: { method, entraAdministrator },
    networking: {
      connectivity: networking.connectivity,
      publicAccess: networking.publicAccess,
      allowAzureServices: networking.allowAzureServices,
      virtualNetwork: networking.virtualNetwork,
      subnet: networking.subnet,
      privateDnsZone: networking.privateDnsZone,
    },
    ...(restore && {
      restoredFrom: { serverName: restore.serverName, backupName: restore.backupName, at: restore.at },
    }),
  }
  return {
    id,
    tenantId: ctx.tenantId,
    subscriptionId: basics.subscriptionId,
    resourceGroup: basics.resourceGroup,
    name: basics.name,
    location: basics.location,
    version: basics.version,
    properties,
    adminLogin: method === 'EntraOnly' ? '' : administratorLogin,
    sealedVerifier: null,
    tags: Object.fromEntries(tags.map((t) => [t.name, t.value])),
    state: 'Provisioning',
    stateSince: ctx.now,
    createdAt: ctx.now,
    createdBy: ctx.principal.displayName,
    encryptionType: encryption.type,
    primaryKeyUri: primary?.keyUri ?? '',
    primaryIdentityId: primary?.identityId ?? null,
    primaryPrincipalId: null,
    geoKeyUri: geo?.keyUri ?? null,
    geoIdentityId: geo?.identityId ?? null,
    geoPrincipalId: null,
    identityIds: [],
    keyAccess: null,
    keyCheckedAt: null,
    standbyState: 'CreatingStandby',
    standbySince: null,
    standbyKeyAccess: null,
    standbyCheckedAt: null,
    busyOperationId: operationId,
    firstDeniedAt: null,
    wakeAskedMs: null,
  }
}

/** Repeats a failed or cancelled creation with the same request. @throws AppError `Conflict`, `NameUnavailable`, `AuthorizationFailed`. */
export async function retryCreation(
  ctx: Ctx,
  keyAccess: KeyAccess,
  operationId: string,
): Promise<{ operationId: string }> {
  const before = await inputForRetry(ctx, operationId)
  if (before.kind !== PROVISION_KIND) {
    throw new AppError('Conflict', {
      publicMessage: 'Only a creation can be repeated; make a change anew on the server’s page.',
    })
  }
  await authorize(ctx, WRITE, before.resourceId)
  return reserve(ctx, keyAccess, before.resourceId, before.input as ProvisionInput, operationId)
}
