import { recordActivity } from '@/server/activity/service'
import { asSuperuser, type DataPlane } from '@/server/dataplane/service'
import type { DekRole, KeyAccess } from '@/server/encryption/model'
import { destroyDataKeys, protectServer, sealUnderDek, withDek } from '@/server/encryption/service'
import { managedIdentityPrincipal } from '@/server/identity/service'
import { type Ctx, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError, invariant } from '@/server/kernel/errors'
import { findRegion } from '@/server/kernel/regions'
import type { Program, Step, StepContext } from '@/server/workflow/model'
import { planFirstBackup } from './backups'
import type { CreateServerInput } from './contract'
import { createCluster, installSealedAdministrator, type ServerDeps, wakeServer } from './data-plane'
import { probeServer } from './key-access'
import { ensureSweepPlanned } from './key-access.sweep'
import { ADMINISTRATOR_SEAL, keyUses, type ServerRecord } from './model'
import { judgeEncryption, pendingPermission, refuseBrokenRules } from './preconditions'
import { carryAdministrator, openBackup, restoreCluster } from './provision-restored'
import { ensureServiceKey } from './service-key'
import * as store from './store'
import { moveServer } from './transitions'

/** The wizard's request with its password emptied; its verifier is sealed under the master key until the DEK exists. */
export type ProvisionInput = CreateServerInput & {
  sealedVerifier: string | null
  /** Whether the installation runs databases, as it was when the creation was asked for. */
  dataPlane?: boolean
  /** The backup that the server is made from. */
  restore?: { serverId: string; backupId: string; serverName: string; backupName: string; at: string }
}
type StepCtx = StepContext<ProvisionInput>

/** Lets services inside Azure in; it has this name in Azure too. */
export const AZURE_RULE = 'AllowAllAzureServicesAndResourcesWithinAzureIps'
export const PROVISION_KIND = 'createServer'
export const VERIFIER_PURPOSE = 'administrator-verifier'
const WRITE = 'Microsoft.DBforPostgreSQL/flexibleServers/write'

async function serverOf(ctx: StepCtx): Promise<ServerRecord> {
  const server = await store.findServer(ctx.db, { id: ctx.resourceId })
  invariant(server, `server ${ctx.resourceId} of operation ${ctx.operationId} is gone`)
  return server
}

const checkPreconditions = (keyAccess: KeyAccess): Step<ProvisionInput> => ({
  name: 'checkPreconditions',
  title: 'Check the rules for region, identity and key',
  async run(ctx) {
    const { basics, encryption } = ctx.input
    const judged = await judgeEncryption(ctx, keyAccess, basics, encryption)
    const until = await pendingPermission(ctx, judged)
    if (until)
      return { waitUntil: until, reason: `A role assignment is still taking effect, until ${until.toISOString()}.` }
    refuseBrokenRules(judged)
    const checked = judged.reduce((n, j) => n + j.rules.filter((r) => r.status === 'pass').length, 0)
    return {
      detail:
        encryption.type === 'SystemManaged' ? 'Service-managed key: no rules to check.' : `${checked} rules hold.`,
    }
  },
})

const attachIdentities: Step<ProvisionInput> = {
  name: 'attachIdentities',
  title: 'Attach the managed identities',
  async run(ctx) {
    const { primary, geo } = ctx.input.encryption
    const ids = [...new Set([primary?.identityId, geo?.identityId].filter((id) => id !== undefined))]
    await store.updateServer(ctx.db, ctx.resourceId, {
      identityIds: ids,
      primaryPrincipalId: primary ? await principalIdOf(ctx, primary.identityId) : null,
      geoPrincipalId: geo ? await principalIdOf(ctx, geo.identityId) : null,
    })
    return { detail: ids.length ? `${ids.length} attached.` : 'None needed.' }
  },
  async undo(ctx) {
    await store.updateServer(ctx.db, ctx.resourceId, {
      identityIds: [],
      primaryPrincipalId: null,
      geoPrincipalId: null,
    })
  },
}

export async function principalIdOf(ctx: Ctx, identityId: string): Promise<string> {
  const principal = await managedIdentityPrincipal({ ...ctx, principal: SERVICE_PRINCIPAL }, identityId)
  if (!principal)
    throw new AppError('IdentityNotFound', { publicMessage: `The managed identity ${identityId} does not exist.` })
  return principal.objectId
}

const prepareServiceKey: Step<ProvisionInput> = {
  name: 'prepareServiceKey',
  title: 'Prepare the service-managed key of the region',
  async run(ctx) {
    const keyUri = await ensureServiceKey(ctx, ctx.input.basics.location)
    await store.updateServer(ctx.db, ctx.resourceId, {
      primaryKeyUri: keyUri,
      ...(ctx.input.basics.backup.geoRedundant ? { geoKeyUri: await ensureServiceKey(ctx, pairOf(ctx)) } : {}),
    })
    return { detail: 'The key belongs to the service and never leaves its vault.' }
  },
}

function pairOf(ctx: StepCtx): string {
  const pair = findRegion(ctx.input.basics.location)?.pair
  invariant(pair, 'geo-redundant backup needs a paired region')
  return pair
}

const wrapDataKey = (keyAccess: KeyAccess, role: DekRole): Step<ProvisionInput> => ({
  name: role === 'primary' ? 'wrapDek' : 'wrapGeoDek',
  title:
    role === 'primary'
      ? 'Make the data encryption key and wrap it'
      : 'Make the backup’s data encryption key and wrap it in the paired region',
  async run(ctx) {
    const server = await serverOf(ctx)
    const use = keyUses(server).find((u) => u.role === role)
    invariant(use, `server ${server.name} has no ${role} key`)
    const wrapper = await keyAccess.wrapperFor(ctx, use.identity)
    const envelope = await protectServer(ctx, { serverId: server.id, role, keyUri: use.keyUri }, wrapper)
    return { detail: `256 bits, wrapped with ${envelope.algorithm} by ${envelope.kid}` }
  },
  undo: (ctx) => destroyDataKeys(ctx, ctx.resourceId),
})

const sealAdministrator = (keyAccess: KeyAccess): Step<ProvisionInput> => ({
  name: 'sealAdministrator',
  title: 'Seal the administrator’s credential with the data encryption key',
  async run(ctx) {
    const { sealedVerifier } = ctx.input
    if (!sealedVerifier) return { detail: 'No password: Microsoft Entra authentication only.' }
    const server = await serverOf(ctx)
    const verifier = ctx.custody.open(VERIFIER_PURPOSE, server.id, Buffer.from(sealedVerifier, 'base64'))
    const wrapper = await keyAccess.wrapperFor(ctx, keyUses(server)[0]!.identity)
    const sealed = await withDek(ctx, { serverId: server.id, role: 'primary' }, wrapper, (dek) =>
      sealUnderDek(dek, ADMINISTRATOR_SEAL, server.id, verifier),
    )
    verifier.fill(0)
    await store.updateServer(ctx.db, server.id, { sealedVerifier: sealed })
    return { detail: 'A SCRAM-SHA-256 verifier; the password itself is kept nowhere.' }
  },
  undo: (ctx) => store.updateServer(ctx.db, ctx.resourceId, { sealedVerifier: null }),
})

const configureNetwork: Step<ProvisionInput> = {
  name: 'configureNetwork',
  title: 'Set the firewall rules',
  async run(ctx) {
    const { firewallRules, allowAzureServices } = ctx.input.networking
    const azure = { name: AZURE_RULE, startIp: '0.0.0.0', endIp: '0.0.0.0' }
    const rules = allowAzureServices ? [...firewallRules, azure] : firewallRules
    await store.replaceFirewallRules(ctx.db, ctx.resourceId, rules)
    return { detail: rules.length === 1 ? '1 rule.' : `${rules.length} rules.` }
  },
  undo: (ctx) => store.replaceFirewallRules(ctx.db, ctx.resourceId, []),
}

const verifyKeyAccess = (keyAccess: KeyAccess): Step<ProvisionInput> => ({
  name: 'verifyKeyAccess',
  title: 'Unwrap the data encryption key and open what it sealed',
  async run(ctx) {
    const server = await serverOf(ctx)
    const verdict = await probeServer(ctx, keyAccess, server)
    if (!verdict.accessible) {
      throw new AppError('PreconditionFailed', {
        publicMessage: `${verdict.message} ${verdict.evidence.answer ?? ''}`.trim(),
        vendorCode: 'AzureKeyVaultKeyNotFound',
        fields: { rule: verdict.broken },
      })
    }
    await store.updateServer(ctx.db, server.id, { keyAccess: verdict, keyCheckedAt: ctx.now })
    return { detail: `Opened with ${verdict.kid}` }
  },
})

const createDatabaseCluster = (deps: ServerDeps): Step<ProvisionInput> => ({
  name: 'createCluster',
  title: 'Seal a new PostgreSQL under the data encryption key',
  async run(ctx) {
    await createCluster(ctx, deps, await serverOf(ctx))
    return { detail: 'AES-256-XTS; the key goes to the database process alone.' }
  },
  undo: async (ctx) => deps.dataPlane?.destroy(ctx.resourceId),
})

const openDatabase = (deps: ServerDeps): Step<ProvisionInput> => ({
  name: 'openDatabase',
  title: 'Start PostgreSQL and install the administrator',
  async run(ctx) {
    const server = await serverOf(ctx)
    const endpoint = await wakeServer(ctx, deps, server)
    await installSealedAdministrator(ctx, deps, server)
    const version = await asSuperuser(endpoint, async (client) => {
      const { rows } = await client.query<{ version: string }>("SELECT split_part(version(), ' on ', 1) AS version")
      return rows[0]!.version
    })
    return { detail: `${version} answers.` }
  },
  undo: async (ctx) => deps.dataPlane?.kill(ctx.resourceId),
})

const startServer: Step<ProvisionInput> = {
  name: 'startServer',
  title: 'Mark the server Ready and watch its key',
  async run(ctx) {
    await transact(ctx, async (tx) => {
      const server = await store.lockServer(tx.db, ctx.resourceId)
      invariant(server, `server ${ctx.resourceId} is gone`)
      await moveServer(tx, server, 'Ready', { title: 'Created' })
      await store.updateServer(tx.db, server.id, { busyOperationId: null })
      await ensureSweepPlanned(tx)
      if (ctx.input.dataPlane) await planFirstBackup(tx, server.id)
    })
    return {}
  },
}

/** Creates a flexible server: checks, identities, wrapped data keys, sealed credential, network, proof, Ready. */
export const provisionProgram = (
  keyAccess: KeyAccess,
  dataPlane: DataPlane | null = null,
): Program<ProvisionInput> => ({
  kind: PROVISION_KIND,
  steps(input) {
    const managed = input.encryption.type === 'AzureKeyVault'
    const deps = { keyAccess, dataPlane }
    return [
      ...(managed ? [checkPreconditions(keyAccess), attachIdentities] : [prepareServiceKey]),
      wrapDataKey(keyAccess, 'primary'),
      ...(input.basics.backup.geoRedundant ? [wrapDataKey(keyAccess, 'geo')] : []),
      ...(input.restore ? [openBackup(deps), carryAdministrator(deps)] : [sealAdministrator(keyAccess)]),
      configureNetwork,
      verifyKeyAccess(keyAccess),
      ...(input.dataPlane
        ? [input.restore ? restoreCluster(deps) : createDatabaseCluster(deps), openDatabase(deps)]
        : []),
      startServer,
    ]
  },
  async finished(ctx, result) {
    const failed = result.status !== 'Succeeded'
    await transact(ctx, async (tx) => {
      // A creation that failed leaves no server behind: its name is free again.
      if (failed) await store.deleteServer(tx.db, ctx.resourceId)
      await recordActivity(tx, {
        operationName: WRITE,
        resourceId: ctx.resourceId,
        operationId: ctx.operationId,
        status: failed ? 'Failed' : 'Succeeded',
        description: failed
          ? `Creating ${ctx.input.basics.name} failed: ${result.error.message}`
          : `${ctx.input.basics.name} was ${ctx.input.restore ? `restored from the backup ${ctx.input.restore.backupName} of ${ctx.input.restore.serverName}` : 'created'}.`,
        ...(failed ? { subStatus: result.error.code, properties: { error: result.error } } : {}),
      })
    })
  },
})
