'use server'
import { z } from 'zod'
import {
  type ParameterView,
  setParametersInput,
  updateEncryptionInput,
  updateFirewallInput,
  updateServerInput,
} from '@/server/postgres/contract'
import type { KeyAccessVerdict } from '@/server/postgres/model'
import {
  changeLife,
  checkFleetNow,
  checkKeyAccessNow,
  deleteServer,
  getServer,
  openByEngine,
  setParameters,
  updateEncryption,
  updateFirewall,
  updateServer,
} from '@/server/postgres/service'
import { portalWiring } from '@/server/queries/portal-wiring'
import { portalRuntime } from '@/server/queries/runtime'
import { repairKeyAccess } from './repair-key-access'
import type { ActionResult } from './result'
import { runAction } from './run-action'

/** Changes key, key version, identity or version checkbox of a server with a customer-managed key. */
export async function updateServerEncryption(input: unknown): Promise<ActionResult<{ operationId: string }>> {
  return runAction(updateEncryptionInput, input, (ctx, valid) => updateEncryption(ctx, portalWiring().keyAccess, valid))
}

const serverInput = z.object({ serverId: z.string().min(1) })

/** SIMULATED: Azure has no such button; the server is checked on the service's own schedule there. */
export async function checkServerKeyAccess(input: unknown): Promise<ActionResult<KeyAccessVerdict>> {
  return runAction(serverInput, input, (ctx, { serverId }) =>
    checkKeyAccessNow(ctx, portalWiring().keyAccess, serverId),
  )
}

const fleetInput = z.object({ storeName: z.string().optional(), keyName: z.string().optional() })

/** SIMULATED: as for one server, for all of them or for those on one key. */
export async function checkFleetKeyAccess(input: unknown): Promise<ActionResult<{ servers: number; probes: number }>> {
  return runAction(fleetInput, input, (ctx, on) => checkFleetNow(ctx, portalWiring().keyAccess, on))
}

const lifeInput = serverInput.extend({ command: z.enum(['stop', 'start', 'restart']) })

export async function changeServerLife(input: unknown): Promise<ActionResult<{ operationId: string }>> {
  return runAction(lifeInput, input, (ctx, { serverId, command }) =>
    changeLife(ctx, portalWiring().keyAccess, command, serverId),
  )
}

export async function removeServer(input: unknown): Promise<ActionResult<{ operationId: string }>> {
  return runAction(serverInput, input, (ctx, { serverId }) => deleteServer(ctx, serverId))
}

/** Puts the firewall rules in the place of the present ones. */
export async function saveServerFirewall(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(updateFirewallInput, input, async (ctx, valid) => {
    await updateFirewall(ctx, valid)
    return undefined
  })
}

/** Sets server parameters, or back to their defaults; answers with all of them as they are then. */
export async function saveServerParameters(input: unknown): Promise<ActionResult<ParameterView[]>> {
  return runAction(setParametersInput, input, (ctx, valid) =>
    setParameters(ctx, openByEngine(portalRuntime().config.dataDir), valid),
  )
}

/** Changes compute size, storage, retention or the administrator's password of a server. */
export async function changeServer(input: unknown): Promise<ActionResult<{ operationId: string | null }>> {
  return runAction(updateServerInput, input, (ctx, valid) => {
    const open = openByEngine(portalRuntime().config.dataDir)
    return updateServer(ctx, { keyAccess: portalWiring().keyAccess, open }, valid)
  })
}

const repairInput = z.object({ serverName: z.string().min(1) })

/** Mends what the last check of the server found broken, with the person's own rights. */
export async function repairServerKeyAccess(input: unknown): Promise<ActionResult<undefined>> {
  return runAction(repairInput, input, async (ctx, { serverName }) => {
    await repairKeyAccess(ctx, await getServer(ctx, serverName))
    return undefined
  })
}
