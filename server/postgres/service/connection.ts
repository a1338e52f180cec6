import { join } from 'node:path'
import { clusterStatus, sealCounters } from '@/server/dataplane/service'
import type { Ctx } from '@/server/kernel/context'
import type { ConnectionView } from '../contract'
import { getInstallation } from './installation'
import { getServer } from './read-servers'

const SERVICE_ADDRESS = '127.0.0.1'

/**
 * What a client needs to connect to a server, and whether its database is open now.
 * @throws AppError `ResourceNotFound`, `AuthorizationFailed`.
 */
export async function getConnection(ctx: Ctx, dataDir: string, name: string): Promise<ConnectionView> {
  const [server, view] = await Promise.all([getServer(ctx, name), getInstallation(ctx)])
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
