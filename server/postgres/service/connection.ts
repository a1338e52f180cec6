import { join } from 'node:path'
import { ENGINE_VERSION } from '@/server/dataplane/model'
import { clusterStatus, sealCounters } from '@/server/dataplane/service'
import type { Ctx } from '@/server/kernel/context'
import { VERSIONS } from '../catalog'
import { type ConnectionView, type InstallationView, installation } from '../contract'
import { findNewestEngine } from '../store/installation'
import { getServer } from './read-servers'

const SERVICE_ADDRESS = '127.0.0.1'

/** What this installation's databases can do, as the engine that was heard of last has found out. */
async function readInstallation(ctx: Pick<Ctx, 'db'>): Promise<InstallationView> {
  const engine = await findNewestEngine(ctx.db)
  const known = installation.safeParse(engine?.dataPlane)
  const found = known.success
    ? known.data
    : {
        available: false,
        reason: 'The engine has not said yet whether it runs databases.',
        engineVersion: ENGINE_VERSION,
      }
  const { engineVersion } = found
  return {
    ...found,
    postgresPort: engine?.postgresPort ?? null,
    versions: VERSIONS.map((version) => ({
      version,
      runnable: version === engineVersion,
      reason:
        version === engineVersion
          ? null
          : `This installation comes with the programs of PostgreSQL ${engineVersion} only.`,
    })),
    entraSignIn: {
      available: false,
      reason: 'Databases here take passwords only: signing in with a Microsoft Entra token is not simulated yet.',
    },
  }
}

/**
 * What a client needs to connect to a server, and whether its database is open now.
 * @throws AppError `ResourceNotFound`, `AuthorizationFailed`.
 */
export async function getConnection(ctx: Ctx, dataDir: string, name: string): Promise<ConnectionView> {
  const [server, view] = await Promise.all([getServer(ctx, name), readInstallation(ctx)])
  const status = clusterStatus(dataDir, server.id)
  return {
    host: server.fqdn,
    hostAddress: SERVICE_ADDRESS,
    port: view.postgresPort,
    user: server.administratorLogin,
    caFile: join(dataDir, 'ca.pem'),
    runtime: {
      state: status.state,
      since: status.state === 'Awake' ? new Date(status.sinceMs).toISOString() : null,
    },
    counters: status.state === 'None' ? null : sealCounters(dataDir, server.id),
    installation: view,
  }
}
