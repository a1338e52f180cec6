import 'server-only'
import { createWiring, type Wiring } from '@/server/wiring'
import { portalRuntime } from './runtime'

const shared = globalThis as typeof globalThis & { portcullisWiring?: Wiring }

/** The rooms handed to each other, for actions that reach a key store. Apart from the runtime: pages need none of it. */
export function portalWiring(): Wiring {
  shared.portcullisWiring ??= createWiring(portalRuntime())
  return shared.portcullisWiring
}
