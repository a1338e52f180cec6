import { z } from 'zod'
import { AppError } from '@/server/kernel/errors'
import { RESOURCE_TYPES, sameId } from '@/server/kernel/resource-id'
import type { ParameterView, ServerView } from '@/server/postgres/contract'
import { listParameters, openHere, setParameters } from '@/server/postgres/service'
import { readBody } from '../request'
import { type ArmCall, type ArmReply, list, route } from '../route'
import { invalid } from './server-body'
import { depsOf, requireServerOf } from './servers'

const TYPE = `${RESOURCE_TYPES.server}/configurations`

const configurationBody = z.object({
  properties: z.object({ value: z.string().nullish(), source: z.string().nullish() }).nullish(),
})

function allowedValues({ type, choices, range }: ParameterView): string {
  if (type === 'Boolean') return 'on,off'
  return choices?.join(',') ?? (range ? `${range.min}-${range.max}` : '.*')
}

const shape = (server: ServerView) => (parameter: ParameterView) => ({
  id: `${server.id}/configurations/${parameter.name}`,
  name: parameter.name,
  type: TYPE,
  properties: {
    value: parameter.value,
    description: parameter.description,
    defaultValue: parameter.defaultValue,
    dataType: parameter.type,
    allowedValues: allowedValues(parameter),
    source: parameter.source,
    isDynamicConfig: parameter.dynamic,
    isReadOnly: parameter.readOnlyReason !== null,
    isConfigPendingRestart: parameter.pendingRestart,
    ...(parameter.unit ? { unit: parameter.unit } : {}),
  },
})

function find(parameters: ParameterView[], { params }: ArmCall): ParameterView {
  const found = parameters.find(({ name }) => sameId(name, params.c!))
  if (found) return found
  throw new AppError('ResourceNotFound', {
    publicMessage: `The requested resource of type '${TYPE}' with name '${params.c}' was not found.`,
  })
}

const read = (call: ArmCall, server: ServerView): Promise<ParameterView[]> =>
  listParameters(call.ctx, openHere(depsOf(call)), server.id)

/** PUT and PATCH are one: a value, or the source `system-default` for the default. Done when answered. */
async function write(call: ArmCall): Promise<ArmReply> {
  const server = await requireServerOf(call)
  const { value, source } = (await readBody(call.request, configurationBody)).properties ?? {}
  const reset = source === 'system-default'
  if (!reset && (value === undefined || value === null))
    throw invalid('Give a value, or the source system-default to set the parameter back to its default.')
  const changes = [{ name: call.params.c!, value: reset ? null : value! }]
  const parameters = await setParameters(call.ctx, openHere(depsOf(call)), { serverId: server.id, changes })
  return { body: shape(server)(find(parameters, call)) }
}

const CONFIGURATIONS = `/subscriptions/{s}/resourceGroups/{g}/providers/${RESOURCE_TYPES.server}/{n}/configurations`

export const configurationRoutes = [
  route('GET', CONFIGURATIONS, async (call) => {
    const server = await requireServerOf(call)
    return list((await read(call, server)).map(shape(server)))
  }),
  route('GET', `${CONFIGURATIONS}/{c}`, async (call) => {
    const server = await requireServerOf(call)
    return { body: shape(server)(find(await read(call, server), call)) }
  }),
  route('PUT', `${CONFIGURATIONS}/{c}`, write),
  route('PATCH', `${CONFIGURATIONS}/{c}`, write),
]
