import { recordActivity } from '@/server/activity/service'
import { authorize } from '@/server/identity/service'
import type { Ctx } from '@/server/kernel/context'
import { transact } from '@/server/kernel/db'
import { AppError } from '@/server/kernel/errors'
import { announce } from '@/server/kernel/notify'
import { sameId } from '@/server/kernel/resource-id'
import { type UpdateFirewallInput, updateFirewallInput } from '../contract'
import { commandAllowed } from '../model'
import * as store from '../store'
import { ACTIONS } from './read-servers'

type Rule = UpdateFirewallInput['rules'][number]

/**
 * Puts these firewall rules in the place of the present ones; the gateway judges the next connection by them.
 * @throws AppError `AuthorizationFailed`, `ResourceNotFound`, `ServerIsNotReady`, `InvalidParameterValue`.
 */
export const updateFirewall = (ctx: Ctx, { serverId, rules }: UpdateFirewallInput): Promise<void> =>
  change(ctx, serverId, () => rules)

/** Adds a rule, or changes the one of its name. @throws as `updateFirewall`. */
export const putFirewallRule = (ctx: Ctx, serverId: string, rule: Rule): Promise<void> =>
  change(ctx, serverId, (rules) => [...rules.filter((r) => !sameId(r.name, rule.name)), rule])

/** Takes a rule away; one that is not there is gone already. @throws as `updateFirewall`. */
export const deleteFirewallRule = (ctx: Ctx, serverId: string, name: string): Promise<void> =>
  change(ctx, serverId, (rules) => rules.filter((r) => !sameId(r.name, name)))

async function change(ctx: Ctx, serverId: string, next: (rules: Rule[]) => Rule[]): Promise<void> {
  await authorize(ctx, ACTIONS.updateNetworking, serverId)
  await transact(ctx, async (tx) => {
    const server = await store.lockServer(tx.db, serverId)
    if (!server || server.tenantId !== ctx.tenantId)
      throw new AppError('ResourceNotFound', { publicMessage: `There is no server ${serverId.split('/').at(-1)}.` })
    if (server.busyOperationId || !commandAllowed('updateNetworking', server.state))
      throw new AppError('ServerIsNotReady', { publicMessage: `The server is ${server.state}. Wait, then try again.` })
    const before = await store.listFirewallRules(tx.db, [server.id])
    const rules = valid(server.id, next(before.map(({ name, startIp, endIp }) => ({ name, startIp, endIp }))))
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

function valid(serverId: string, rules: Rule[]): Rule[] {
  const parsed = updateFirewallInput.safeParse({ serverId, rules })
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    throw new AppError('InvalidParameterValue', { publicMessage: message, field: path.join('.') })
  }
  const names = rules.map((rule) => rule.name.toLowerCase())
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice) throw new AppError('InvalidParameterValue', { publicMessage: `The rule name ${twice} is used twice.` })
  return rules
}
