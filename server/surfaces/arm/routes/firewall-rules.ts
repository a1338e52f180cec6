import { z } from 'zod'
import { AppError } from '@/server/kernel/errors'
import { RESOURCE_TYPES, sameId } from '@/server/kernel/resource-id'
import type { ServerView } from '@/server/postgres/contract'
import { deleteFirewallRule, putFirewallRule } from '@/server/postgres/service'
import { readBody } from '../request'
import { type ArmCall, type ArmReply, list, route } from '../route'
import { requireServerOf } from './servers'

const ruleBody = z.object({ properties: z.object({ startIpAddress: z.string(), endIpAddress: z.string() }) })

const shape = (server: ServerView) => (rule: ServerView['firewallRules'][number]) => ({
  id: `${server.id}/firewallRules/${rule.name}`,
  name: rule.name,
  type: `${RESOURCE_TYPES.server}/firewallRules`,
  properties: { startIpAddress: rule.startIp, endIpAddress: rule.endIp },
})

const find = (server: ServerView, name: string) => server.firewallRules.find((rule) => sameId(rule.name, name))

async function get(call: ArmCall): Promise<ArmReply> {
  const server = await requireServerOf(call)
  const rule = find(server, call.params.r!)
  if (rule) return { body: shape(server)(rule) }
  throw new AppError('ResourceNotFound', {
    publicMessage: `The requested resource of type '${RESOURCE_TYPES.server}/firewallRules' with name '${call.params.r}' was not found.`,
  })
}

/** The gateway judges the next connection by them, so that nothing goes on after the answer. */
async function put(call: ArmCall): Promise<ArmReply> {
  const server = await requireServerOf(call)
  const { startIpAddress: startIp, endIpAddress: endIp } = (await readBody(call.request, ruleBody)).properties
  const rule = { name: call.params.r!, startIp, endIp }
  await putFirewallRule(call.ctx, server.id, rule)
  return { status: find(server, rule.name) ? 200 : 201, body: shape(server)(rule) }
}

async function remove(call: ArmCall): Promise<ArmReply> {
  const server = await requireServerOf(call)
  if (!find(server, call.params.r!)) return { status: 204 }
  await deleteFirewallRule(call.ctx, server.id, call.params.r!)
  return {}
}

const RULES = `/subscriptions/{s}/resourceGroups/{g}/providers/${RESOURCE_TYPES.server}/{n}/firewallRules`

export const firewallRuleRoutes = [
  route('GET', RULES, async (call) => {
    const server = await requireServerOf(call)
    return list(server.firewallRules.map(shape(server)))
  }),
  route('GET', `${RULES}/{r}`, get),
  route('PUT', `${RULES}/{r}`, put),
  route('DELETE', `${RULES}/{r}`, remove),
]
