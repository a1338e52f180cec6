import type { AgendaKind } from '@/server/clock/model'
import { handleArm } from './arm/handler'
import { handleControl } from './control/control'
import { handleEntra } from './entra/handler'
import type { SurfaceEnv } from './env'
import { createHttpsServer, type HttpsHost } from './https-server'
import { handleKeyVault } from './keyvault/handler'
import { handleManagedHsm } from './managed-hsm/handler'

/** Serves the whole simulated cloud over HTTPS, each surface at its host; `localhost` leads to ARM and sign-in. */
export const startSurfaces = (init: {
  env: Omit<SurfaceEnv, 'caller'>
  port: number
  bindAddress?: string
  dataDir: string
  agendaTitles: Record<AgendaKind, string>
}): Promise<HttpsHost> =>
  createHttpsServer({
    ...init,
    routes: [
      { host: '*.vault.localhost', handle: handleKeyVault },
      { host: '*.managedhsm.localhost', handle: handleManagedHsm },
      { host: 'management.localhost', handle: handleArm },
      { host: 'login.localhost', handle: handleEntra },
      { host: 'control.localhost', handle: (request, env) => handleControl(request, env, init.agendaTitles) },
      // Where names below localhost do not resolve, ARM and sign-in are reached by localhost alone.
      ...['/metadata/endpoints', '/subscriptions', '/providers', '/tenants'].map((path) => ({
        host: 'localhost',
        path,
        handle: handleArm,
      })),
      { host: 'localhost', path: '/metadata/identity', plainHttp: true, handle: handleEntra },
      { host: '127.0.0.1', path: '/metadata/identity', plainHttp: true, handle: handleEntra },
      { host: 'localhost', path: '/msi/token', plainHttp: true, handle: handleEntra },
      { host: '127.0.0.1', path: '/msi/token', plainHttp: true, handle: handleEntra },
      { host: 'localhost', handle: handleEntra },
    ],
  })
