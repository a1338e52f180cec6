import { recordActivity } from '@/server/activity/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import type { UpdateFirewallInput } from '../contract'
import { commandAllowed } from '../model'
import * as store from '../store'
import { ACTIONS } from './read-servers'

/**
 * Puts these firewall rules in the place of the present ones; the gateway judges the next connection by them.
 * @throws AppError `AuthorizationFailed`, `ResourceNotFound`, `ServerIsNotReady`, `InvalidParameterValue`.
 */
export async function updateFirewall(ctx: Ctx, { serverId, rules }: UpdateFirewallInput): Promise<void> {
  const names = rules.map((rule) => rule.name.toLowerCase())
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice) throw new AppError('InvalidParameterValue', { publicMessage: `The rule name ${twice} is used twice.` })
  await authorize(ctx, ACTIONS.updateNetworking, serverId)
  await transact(ctx, async (tx) => {
    const server = await store.lockServer(tx.db, serverId)
    if (!server || server.tenantId !== ctx.tenantId)
      throw new AppError('ResourceNotFound', { publicMessage: `There is no server ${serverId.split('/').at(-1)}.` })
    if (server.busyOperationId || !commandAllowed('updateNetworking', server.state))
      throw new AppError('ServerIsNotReady', { publicMessage: `The server is ${server.state}. Wait, then try again.` })
    await store.replaceFirewallRules(tx.db, server.id, rules)
    await recordActivity(tx, {
      operationName: ACTIONS.updateNetworking,
      resourceId: server.id,
      status: 'Succeeded',
      description: `Firewall rules of ${server.name}: ${rules.map((rule) => rule.name).join(', ') || 'none'}`,
    })
    await announce(tx.db, { tenantId: server.tenantId, topic: 'servers' })
  })
}
