import type { ComputeSize, Endpoint, LendDek } from '@/server/dataplane/model'
import { asSuperuser, type DataPlane, installAdministrator } from '@/server/dataplane/service'
import type { KeyAccess } from '@/server/encryption/model'
import { currentEnvelope, openUnderDek, withDek } from '@/server/encryption/service'
import type { Ctx } from '@/server/kernel/context'
import { AppError } from '@/server/kernel/errors'
import { findSku } from './catalog'
import { ADMINISTRATOR_SEAL, keyUses, type ServerRecord } from './model'

/** What programs and the gateway run databases with; null where this process runs none. */
export type ServerDeps = { keyAccess: KeyAccess; dataPlane: DataPlane | null }

/** @throws AppError `DataPlaneUnavailable`. */
export function requireDataPlane(dataPlane: DataPlane | null): DataPlane {
  if (dataPlane) return dataPlane
  throw new AppError('DataPlaneUnavailable', { publicMessage: 'This process runs no databases.' })
}

export function sizeOf(server: ServerRecord): ComputeSize {
  const sku = findSku(server.properties.compute.sku)
  return { tier: server.properties.compute.tier, vCores: sku?.vCores ?? 2, memoryGiB: sku?.memoryGiB ?? 8 }
}

/** Unwraps the server's DEK by its own identity for each use: the key store says yes or no every time. */
export const lendDek =
  (ctx: Ctx, keyAccess: KeyAccess, server: ServerRecord): LendDek =>
  async (use) => {
    const wrapper = await keyAccess.wrapperFor(ctx, keyUses(server)[0]!.identity)
    return withDek(ctx, { serverId: server.id, role: 'primary' }, wrapper, use)
  }

/** Opens a server's database unless it is open. @throws AppError with the key store's reason, or `DataPlaneUnavailable`. */
export const wakeServer = (ctx: Ctx, { keyAccess, dataPlane }: ServerDeps, server: ServerRecord): Promise<Endpoint> =>
  requireDataPlane(dataPlane).wake(server.id, sizeOf(server), lendDek(ctx, keyAccess, server))

/** Seals a new cluster under the server's DEK, once. */
export async function createCluster(
  ctx: Ctx,
  { keyAccess, dataPlane }: ServerDeps,
  server: ServerRecord,
): Promise<void> {
  const envelope = await currentEnvelope(ctx, { serverId: server.id, role: 'primary' })
  await requireDataPlane(dataPlane).create(server.id, envelope.id, lendDek(ctx, keyAccess, server))
}

/** Puts the sealed verifier into the database; whoever knows the password may log in from then on. */
export async function installSealedAdministrator(ctx: Ctx, deps: ServerDeps, server: ServerRecord): Promise<boolean> {
  const { sealedVerifier } = server
  if (!sealedVerifier) return false
  const endpoint = await wakeServer(ctx, deps, server)
  const verifier = await lendDek(
    ctx,
    deps.keyAccess,
    server,
  )(async (dek) => openUnderDek(dek, ADMINISTRATOR_SEAL, server.id, sealedVerifier))
  await asSuperuser(endpoint, (client) => installAdministrator(client, server.adminLogin, verifier.toString()))
  verifier.fill(0)
  return true
}
