import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'
import { scoreFleet } from '@/server/advisor/service'
import { evaluateActivityAlerts, evaluateMetricAlerts } from '@/server/alerts/service'
import type { AgendaHandler, AgendaKind } from '@/server/clock/model'
import type { DataPlane } from '@/server/dataplane/service'
import { createKeyStoreClient } from '@/server/encryption/key-store-client'
import type { KeyAccess } from '@/server/encryption/model'
import { MANAGED_IDENTITY_TOKEN_SECONDS } from '@/server/identity/model'
import { findPrincipal, issueToken, managedIdentityPrincipal } from '@/server/identity/service'
import type { Config } from '@/server/kernel/config'
import { type Ctx, type Principal, SERVICE_PRINCIPAL } from '@/server/kernel/context'
import type { Custody } from '@/server/kernel/custody'
import type { PrismaClient } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import type { MasterKeyVault } from '@/server/kernel/master-key'
import { realNowMs } from '@/server/kernel/time'
import { noticeIfDue, purgeKeyIfDue, rotateIfDue } from '@/server/keys/service'
import { purgeVaultIfDue } from '@/server/keyvault/service'
import { purgeManagedHsmIfDue } from '@/server/managed-hsm/service'
import type { ServerReader } from '@/server/metrics/model'
import { planMonitoring, sampleMetrics } from '@/server/metrics/service'
import { backupProgram } from '@/server/postgres/backup.prog'
import { automaticBackup, expireBackup } from '@/server/postgres/backup.sweep'
import { deleteProgram } from '@/server/postgres/delete.prog'
import { keyAccessSweep } from '@/server/postgres/key-access.sweep'
import { lifecycleProgram } from '@/server/postgres/lifecycle.prog'
import { provisionProgram } from '@/server/postgres/provision.prog'
import { databaseReader } from '@/server/postgres/service'
import { serviceObjectId } from '@/server/postgres/service-key'
import { updateEncryptionProgram } from '@/server/postgres/update-encryption.prog'
import type { SurfaceEnv } from '@/server/surfaces/env'
import { createInProcessHttpClient } from '@/server/surfaces/in-process'
import type { AnyProgram } from '@/server/workflow/model'

/** The database service as vault firewalls see it. */
const TRUSTED_SERVICE = 'Azure Database for PostgreSQL flexible server'

export type Wiring = {
  keyAccess: KeyAccess
  surfaceEnv: Omit<SurfaceEnv, 'caller'>
  programs: AnyProgram[]
  /** All but the waking of operations, which needs the engine. */
  agendaHandlers: Record<Exclude<AgendaKind, 'resume-operation'>, AgendaHandler>
}

/** Hands the rooms to each other: the only place that knows them all. */
export function createWiring(init: {
  db: PrismaClient
  custody: Custody
  config: Pick<Config, 'keyStore' | 'httpsPort' | 'dataDir'>
  /** Runs the databases; only an engine has it. */
  dataPlane?: DataPlane
  /** Replaces the in-process transport, e.g. by HTTPS to our own surface. */
  transport?: HttpClient
}): Wiring {
  const { db, custody, config, dataPlane = null } = init
  const surfaceEnv = { db, custody, httpsPort: config.httpsPort }
  const keyAccess =
    config.keyStore === 'azure'
      ? externalKeyAccess()
      : simulatedKeyAccess(
          custody,
          init.transport ??
            createInProcessHttpClient({
              ...surfaceEnv,
              caller: { address: '127.0.0.1', trustedService: TRUSTED_SERVICE },
            }),
        )
  return {
    keyAccess,
    surfaceEnv: { ...surfaceEnv, keyAccess, dataPlane },
    programs: [
      provisionProgram(keyAccess, dataPlane),
      updateEncryptionProgram(keyAccess),
      deleteProgram(dataPlane),
      backupProgram({ keyAccess, dataPlane }),
      ...(['stop', 'start', 'restart', 'scale'] as const).map((command) =>
        lifecycleProgram({ keyAccess, dataPlane }, command),
      ),
    ],
    agendaHandlers: {
      'key-access-sweep': keyAccessSweep(keyAccess),
      'key-rotation': rotateIfDue,
      'key-near-expiry': noticeIfDue,
      'purge-key': purgeKeyIfDue,
      'purge-vault': purgeVaultIfDue,
      'purge-managed-hsm': purgeManagedHsmIfDue,
      backup: automaticBackup({ keyAccess, dataPlane }),
      'expire-backup': expireBackup(dataPlane),
      monitoring: watch(dataPlane ? databaseReader(config.dataDir) : async () => new Map()),
    },
  }
}

/** Samples the metrics, then holds the alert rules against them and against what the activity log holds by now. */
const watch =
  (readServers: ServerReader): AgendaHandler =>
  async (ctx) => {
    const saveSamples = await sampleMetrics(ctx, readServers)
    const saveScores = await scoreFleet(ctx)
    return async (tx) => {
      await saveSamples(tx)
      await saveScores(tx)
      await evaluateActivityAlerts(tx)
      await evaluateMetricAlerts(tx)
      await planMonitoring(tx)
    }
  }

/** Our own vaults, through the genuine SDK: each call bears a token of the server's own identity. */
function simulatedKeyAccess(custody: Custody, httpClient: HttpClient): KeyAccess {
  return {
    kind: 'simulated',
    async wrapperFor(ctx, identity) {
      const principal = await identityPrincipal(ctx, identity)
      return createKeyStoreClient({ httpClient, credential: credentialOf(ctx, custody, principal), maxRetries: 0 })
    },
  }
}

async function identityPrincipal(
  ctx: Ctx,
  identity: { identityId: string; principalId: string | null } | null,
): Promise<Principal> {
  const principal = identity
    ? await managedIdentityPrincipal({ ...ctx, principal: SERVICE_PRINCIPAL }, identity.identityId)
    : await findPrincipal(ctx, serviceObjectId(ctx.tenantId))
  if (!principal) {
    throw new AppError('IdentityNotFound', {
      publicMessage: `The managed identity ${identity?.identityId ?? 'of the service'} does not exist.`,
    })
  }
  if (identity?.principalId && principal.objectId !== identity.principalId) {
    throw new AppError('IdentityNotFound', {
      publicMessage: `The managed identity was made anew under the same name: its object id is now ${principal.objectId}, the server knows ${identity.principalId}.`,
    })
  }
  return principal
}

/** What the identity endpoint would give the server: a signed token for the key store's audience, one for each. */
function credentialOf(ctx: Ctx, custody: Custody, principal: Principal): TokenCredential {
  const tokens = new Map<string, Promise<string>>()
  const issue = (audience: string) =>
    issueToken(
      { db: ctx.db, custody },
      { tenantId: ctx.tenantId, principal, audience, now: ctx.now, lifetimeSeconds: MANAGED_IDENTITY_TOKEN_SECONDS },
    )
  return {
    async getToken(scopes) {
      const audience = String(Array.isArray(scopes) ? scopes[0] : scopes).replace(/\/\.default$/, '')
      const token = tokens.get(audience) ?? issue(audience)
      tokens.set(audience, token)
      // The SDK judges expiry by the machine's time; the client that holds the token lives for one piece of work.
      return { token: await token, expiresOnTimestamp: realNowMs() + 3_600_000 }
    },
  }
}

/** The real vault that guards the master key, over HTTPS with the machine's own Azure credential. */
export async function masterKeyVault(): Promise<MasterKeyVault> {
  const { DefaultAzureCredential } = await import('@azure/identity')
  return createKeyStoreClient({ credential: new DefaultAzureCredential() })
}

/** Real vaults over HTTPS with the machine's own Azure credential. */
function externalKeyAccess(): KeyAccess {
  return {
    kind: 'external',
    async wrapperFor() {
      const { DefaultAzureCredential } = await import('@azure/identity')
      return createKeyStoreClient({ credential: new DefaultAzureCredential() })
    },
  }
}
